-- The rounds of the controller's own forecast: the month each belongs to and whether
-- any outcome of the year was delivered up to it.
with omgangar as (
    select
        kommun_kod,
        tabell,
        ar,
        prognosomgang,
        max(ordning) as ordning
    from {{ ref('int_prognos__serier') }}
    where version = 'prognos'
    group by kommun_kod, tabell, ar, prognosomgang
),

tolkningar as (
    select
        omgangar.*,
        coalesce(namn.manad, tillfallen.slutmanad) as manad,
        row_number() over (
            partition by
                omgangar.kommun_kod,
                omgangar.tabell,
                omgangar.ar,
                omgangar.prognosomgang
            order by length(namn.slut_pa) desc nulls last
        ) as rang
    from omgangar
    left join {{ ref('prognosomgangar') }} as namn
        on lower(trim(omgangar.prognosomgang)) like '%' || namn.slut_pa
    left join {{ ref('int_mal__tillfallen') }} as tillfallen
        on namn.tillfalle = tillfallen.tillfalle
),

forsta_utfall as (
    select
        kommun_kod,
        tabell,
        ar,
        min(manad) as manad
    from {{ ref('int_prognos__serier') }}
    where version = 'utfall'
    group by kommun_kod, tabell, ar
)

select
    tolkningar.kommun_kod,
    tolkningar.tabell,
    tolkningar.ar,
    tolkningar.prognosomgang,
    tolkningar.ordning,
    tolkningar.manad,
    coalesce(forsta_utfall.manad <= tolkningar.manad, false) as har_utfall,
    case
        when forsta_utfall.manad is null
            then 'Inget utfall för året har levererats, så prognosen kan inte prövas.'
        when tolkningar.manad is null
            then 'Prognosens tillfälle går inte att tyda som en månad.'
        when forsta_utfall.manad > tolkningar.manad
            then 'Prognosen avser en tid före årets första levererade utfall.'
    end as anmarkning
from tolkningar
left join forsta_utfall
    on
        tolkningar.kommun_kod = forsta_utfall.kommun_kod
        and tolkningar.tabell = forsta_utfall.tabell
        and tolkningar.ar = forsta_utfall.ar
where tolkningar.rang = 1
