-- Costs from January to each occasion of report, in COST sign, from the ledger:
-- placements per form and whole, and försörjningsstöd. Outcome only where every month
-- is delivered; a budget for the whole year gives its twelfths.
with rader as (
    select
        kommun_kod,
        'placeringar' as kostnadsslag,
        placeringsform as del,
        ar,
        manad,
        version,
        rs_kostnad_kr as kostnad_kr
    from {{ ref('int_ekonomi__kostnad_per_omrade') }}
    where placeringsform <> 'ej_uppdelad' and version in ('utfall', 'budget')
    union all
    select
        kommun_kod,
        'ekonomiskt_bistand' as kostnadsslag,
        'totalt' as del,
        ar,
        manad,
        version,
        -1 * belopp_kr as kostnad_kr
    from {{ ref('int_ekonomi__manad') }}
    where
        tabell = 'huvudbok'
        and kontogrupp = 'forsorjningsstod'
        and version in ('utfall', 'budget')
),

tillfallen as (
    select
        perioder.kommun_kod,
        perioder.ar,
        tillfallen.slutmanad
    from (
        select distinct
            kommun_kod,
            ar,
            manad
        from {{ ref('int_ekonomi__manad') }}
        where tabell = 'huvudbok' and version = 'utfall' and manad is not null
    ) as perioder
    cross join {{ ref('int_mal__tillfallen') }} as tillfallen
    where tillfallen.slutmanad >= perioder.manad
    group by perioder.kommun_kod, perioder.ar, tillfallen.slutmanad
    having count(*) = tillfallen.slutmanad
),

per_del as (
    select
        rader.kommun_kod,
        rader.kostnadsslag,
        rader.del,
        rader.ar,
        tillfallen.slutmanad as manad,
        rader.version,
        sum(
            case
                when
                    rader.manad is null
                    then rader.kostnad_kr * tillfallen.slutmanad / 12
                else rader.kostnad_kr
            end
        ) as kostnad_kr
    from rader
    inner join tillfallen
        on
            rader.kommun_kod = tillfallen.kommun_kod
            and rader.ar = tillfallen.ar
            and coalesce(rader.manad, 0) <= tillfallen.slutmanad
    group by
        rader.kommun_kod,
        rader.kostnadsslag,
        rader.del,
        rader.ar,
        tillfallen.slutmanad,
        rader.version
)

select
    kommun_kod,
    kostnadsslag,
    del,
    ar,
    manad,
    version,
    cast(round(kostnad_kr, 2) as {{ typ_belopp() }}) as kostnad_kr
from per_del
union all
select
    kommun_kod,
    kostnadsslag,
    'totalt' as del,
    ar,
    manad,
    version,
    cast(sum(round(kostnad_kr, 2)) as {{ typ_belopp() }}) as kostnad_kr
from per_del
where kostnadsslag = 'placeringar'
group by kommun_kod, kostnadsslag, ar, manad, version
