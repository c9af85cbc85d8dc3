-- One row per goal, indicator and occasion: the goal's rating (bedomning) beside the
-- indicator's (bedomning_matt).
with delar as (
    select * from {{ ref('int_mal__delbedomning') }}
)

select
    delar.kommun_kod,
    coalesce(kommuner.kommun, delar.kommun_kod) as kommun,
    delar.ar,
    delar.tillfalle,
    delar.tillfalle_slut,
    delar.mal_id,
    delar.malomrade,
    delar.inriktningsmal,
    delar.effektmal,
    delar.matt_nyckel,
    delar.matt_id,
    delar.matt,
    delar.riktning,
    delar.malvarde,
    delar.malvarde_ovre,
    delar.jamforelse,
    delar.period_slut,
    delar.periodtyp,
    delar.taljare,
    delar.namnare,
    delar.utfall,
    delar.utfall_foregaende,
    delar.grupp_median,
    coalesce(delar.utfall_status, 'saknas') as utfall_status,
    case delar.betyg
        when 2 then 'helt uppfyllt'
        when 1 then 'delvis uppfyllt'
        when 0 then 'ej uppfyllt'
        else 'kan ej utvärderas'
    end as bedomning_matt,
    mal.bedomning,
    mal.regel,
    cast(mal.antal_matt as {{ typ_bigint() }}) as antal_matt,
    cast(mal.antal_bedomda as {{ typ_bigint() }}) as antal_bedomda,
    coalesce(trend.trend, 'kan ej bedömas') as trend,
    trend.trend_metod,
    cast(case
        when delar.riktning in ('minst', 'mer_an', 'okning', 'hog_niva', 'alla')
            then rang.rang_fran_hogst
        when delar.riktning in ('hogst', 'mindre_an', 'minskning', 'lag_niva', 'ingen')
            then rang.rang_fran_lagst
    end as {{ typ_bigint() }}) as rang,
    cast(rang.antal as {{ typ_bigint() }}) as rang_av,
    cast(rang.ar as {{ typ_int() }}) as rang_ar,
    delar.skal,
    delar.skal_utan_tal,
    mal.namndens_bedomning,
    mal.motivering,
    mal.namndens_bedomning <> mal.bedomning as avviker_fran_namnden,
    delar.kalla,
    delar.ansvarig,
    delar.leverans_id
from delar
inner join {{ ref('int_mal__bedomning') }} as mal
    on
        delar.kommun_kod = mal.kommun_kod
        and delar.ar = mal.ar
        and delar.tillfalle = mal.tillfalle
        and delar.mal_id = mal.mal_id
left join {{ ref('int_mal__trend') }} as trend
    on
        delar.kommun_kod = trend.kommun_kod
        and delar.ar = trend.ar
        and delar.tillfalle = trend.tillfalle
        and delar.mal_id = trend.mal_id
        and delar.matt_nyckel = trend.matt_nyckel
left join {{ ref('int_mal__rang') }} as rang
    on
        delar.kommun_kod = rang.kommun_kod
        and delar.matt_id = rang.matt_id
        and delar.jamforelse_ar = rang.ar
        and delar.grupp = rang.grupp
left join {{ ref('stg_register__kommuner') }} as kommuner
    on delar.kommun_kod = kommuner.kommun_kod
