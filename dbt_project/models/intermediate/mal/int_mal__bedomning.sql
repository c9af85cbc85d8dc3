-- One rating per goal and occasion. What cannot be told about an indicator is tried
-- both as met and as missed: only when both give the same rating is the goal rated.
with delar as (
    select
        *,
        case when regel = 'viktad' then coalesce(vikt, 1) else 1 end as tyngd
    from {{ ref('int_mal__delbedomning') }}
),

summor as (
    select
        kommun_kod,
        ar,
        tillfalle,
        mal_id,
        max(regel) as regel,
        count(*) as antal_matt,
        count(betyg) as antal_bedomda,
        sum(tyngd) as total,
        sum(case when coalesce(betyg, 2) = 2 then tyngd else 0 end) as helt_bast,
        sum(case when coalesce(betyg, 2) >= 1 then tyngd else 0 end) as delvis_bast,
        sum(case when coalesce(betyg, 0) = 2 then tyngd else 0 end) as helt_samst,
        sum(case when coalesce(betyg, 0) >= 1 then tyngd else 0 end) as delvis_samst,
        max(namndens_bedomning) as namndens_bedomning,
        max(motivering) as motivering
    from delar
    group by kommun_kod, ar, tillfalle, mal_id
),

betyg as (
    select
        *,
    {% for fall in ['bast', 'samst'] %}
    case
        when regel = 'alla' and helt_{{ fall }} = total then 2
        when regel <> 'alla' and helt_{{ fall }} > total / 2.0 then 2
        when delvis_{{ fall }} >= total / 2.0 then 1
        else 0
    end as betyg_{{ fall }}{{ ',' if not loop.last }}
    {% endfor %}
    from summor
)

select
    kommun_kod,
    ar,
    tillfalle,
    mal_id,
    regel,
    antal_matt,
    antal_bedomda,
    namndens_bedomning,
    motivering,
    case
        when antal_bedomda = 0 or betyg_bast <> betyg_samst then 'kan ej utvärderas'
        when betyg_bast = 2 then 'helt uppfyllt'
        when betyg_bast = 1 then 'delvis uppfyllt'
        else 'ej uppfyllt'
    end as bedomning
from betyg
