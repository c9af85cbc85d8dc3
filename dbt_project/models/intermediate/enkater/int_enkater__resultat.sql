-- One result per question and group. Counted answers win over a ready share of the same
-- survey. Fewer who answered than the questionnaire's limit (10; 5 for HVB, familjehem
-- and öppna insatser): no figure and no svarsfrekvens.
with alla as (
    select
        kommun_kod,
        leverans_id,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        fraga_id,
        n_svarande,
        n_svar,
        n_positiva,
        {{ kvot('n_positiva', 'n_svar', 100) }} as andel,
        summa_varde,
        svarsfrekvens,
        cast(null as {{ typ_text() }}) as token_status
    from {{ ref('int_enkater__raknade') }}
    union all
    select
        kommun_kod,
        leverans_id,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        fraga_id,
        n_svar as n_svarande,
        n_svar,
        n_positiva,
        coalesce({{ kvot('n_positiva', 'n_svar', 100) }}, andel) as andel,
        cast(null as {{ typ_double() }}) as summa_varde,
        svarsfrekvens,
        token_status
    from {{ ref('stg_enkater__enkatandelar') }} as andelar
    where
        not exists (
            select 1
            from {{ ref('int_enkater__raknade') }} as raknade
            where
                raknade.kommun_kod = andelar.kommun_kod
                and raknade.enkat = andelar.enkat
                and raknade.ar = andelar.ar
                and raknade.malgrupp = andelar.malgrupp
        )
),

bedomda as (
    select
        alla.*,
        fragor.titel,
        fragor.fraga,
        fragor.del,
        fragor.kolada_id,
        case
            when alla.token_status is not null then alla.token_status
            when
                alla.n_svarande < coalesce(fragor.minst_svarande, 10)
                then 'undertryckt'
            when alla.andel is null then 'saknas'
            else 'ok'
        end as status
    from alla
    left join {{ ref('int_enkater__fragor') }} as fragor
        on
            alla.enkat = fragor.enkat
            and alla.malgrupp = fragor.malgrupp
            and alla.fraga_id = fragor.fraga_id
)

select
    kommun_kod,
    leverans_id,
    enkat,
    titel,
    ar,
    malgrupp,
    organisation,
    kon,
    fraga_id,
    coalesce(fraga, fraga_id) as fraga,
    del,
    kolada_id,
    status,
    case when status <> 'undertryckt' then n_svarande end as n_svarande,
    case when status <> 'undertryckt' then n_svar end as n_svar,
    case when status <> 'undertryckt' then n_positiva end as n_positiva,
    case when status = 'ok' then andel end as andel,
    case when status = 'ok' then summa_varde end as summa_varde,
    case when status <> 'undertryckt' then svarsfrekvens end as svarsfrekvens
from bedomda
