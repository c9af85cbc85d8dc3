with resultat as (
    select
        *,
        -- A ready share without its count of positives still has an interval from its
        -- n.
        coalesce(cast(n_positiva as {{ typ_double() }}), andel * n_svar / 100)
            as positiva
    from {{ ref('int_enkater__resultat') }}
)

select
    resultat.kommun_kod,
    coalesce(kommuner.kommun, resultat.kommun_kod) as kommun,
    resultat.enkat,
    resultat.titel,
    resultat.fraga_id,
    resultat.fraga,
    resultat.del,
    resultat.malgrupp,
    resultat.organisation,
    resultat.kon,
    resultat.ar,
    cast(resultat.n_svarande as {{ typ_bigint() }}) as n_svarande,
    cast(resultat.n_svar as {{ typ_bigint() }}) as n_svar,
    cast(resultat.n_positiva as {{ typ_bigint() }}) as n_positiva,
    resultat.andel,
    case
        when
            resultat.status = 'ok'
            then round({{ wilson_lag('resultat.positiva', 'resultat.n_svar') }}, 6)
    end
        as ki_lag,
    case
        when
            resultat.status = 'ok'
            then round({{ wilson_hog('resultat.positiva', 'resultat.n_svar') }}, 6)
    end
        as ki_hog,
    case
        when
            resultat.status = 'ok'
            then {{ kvot('resultat.summa_varde', 'resultat.n_svar') }}
    end
        as medelvarde,
    resultat.svarsfrekvens,
    resultat.status,
    resultat.kolada_id,
    resultat.leverans_id
from resultat
left join {{ ref('stg_register__kommuner') }} as kommuner
    on resultat.kommun_kod = kommuner.kommun_kod
