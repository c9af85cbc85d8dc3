-- Per key and year: the whole year's budget, how it is periodised, and the latest
-- prognosis round.
with manad as (
    select * from {{ ref('int_ekonomi__manad') }}
),

senaste_omgang as (
    select
        kommun_kod,
        ar,
        tabell,
        prognosomgang,
        row_number() over (
            partition by kommun_kod, ar, tabell
            order by max(ordning) desc, prognosomgang desc nulls last
        ) as ordning
    from manad
    where version = 'prognos'
    group by kommun_kod, ar, tabell, prognosomgang
),

final as (
    select
        manad.kommun_kod,
        manad.ar,
        manad.tabell,
        manad.ansvar,
        manad.organisation,
        manad.verksamhet,
        manad.verksamhet_namn,
        manad.kontogrupp,
        sum(case when manad.version = 'budget' then manad.belopp_kr end) as budget_kr,
        sum(case
            when
                manad.version = 'budget'
                and coalesce(manad.budgetversion, 'ursprunglig') = 'ursprunglig'
                then manad.belopp_kr
        end) as ursprunglig_budget_kr,
        sum(case when omgang.ordning = 1 then manad.belopp_kr end) as prognos_kr,
        max(case when omgang.ordning = 1 then manad.prognosomgang end) as prognosomgang,
        count(
            case when manad.version = 'budget' and manad.manad is not null then 1 end
        ) as manadsrader,
        count(case when manad.version = 'budget' and manad.manad is null then 1 end)
            as helarsrader
    from manad
    left join senaste_omgang as omgang
        on
            manad.version = 'prognos'
            and manad.kommun_kod = omgang.kommun_kod
            and manad.ar = omgang.ar
            and manad.tabell = omgang.tabell
            and manad.prognosomgang is not distinct from omgang.prognosomgang
    where manad.version in ('utfall', 'budget', 'prognos')
    group by
        manad.kommun_kod, manad.ar, manad.tabell, manad.ansvar, manad.organisation,
        manad.verksamhet, manad.verksamhet_namn, manad.kontogrupp
)

select
    *,
    case
        when manadsrader > 0 and helarsrader > 0 then 'blandad'
        when manadsrader > 0 then 'periodiserad'
        when helarsrader > 0 then 'helar'
        else 'saknas'
    end as budgetperiodisering
from final
