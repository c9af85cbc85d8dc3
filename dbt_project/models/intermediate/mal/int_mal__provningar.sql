-- Each indicator as one to three tests: a requirement, a reference and a margin.
-- minst/hogst/over/under/lika/intervall against the target; over/under (strictly) or nara against
-- last year; minst/hogst against the comparison group.
with utfall as (
    select * from {{ ref('int_mal__utfall') }}
),

mot_malvarde as (
    select
        utfall.*,
        'malvarde' as slag,
        case
            when riktning in ('minst', 'alla', 'okning', 'hog_niva') then 'minst'
            when riktning in ('hogst', 'ingen', 'minskning', 'lag_niva') then 'hogst'
            when riktning = 'mer_an' then 'over'
            when riktning = 'mindre_an' then 'under'
            when riktning = 'bevara' then 'nara'
            else riktning
        end as krav,
        case
            when riktning = 'alla' then 100
            when riktning = 'ingen' then 0
            else malvarde
        end as referens,
        malvarde_ovre as referens_ovre
    from utfall
    where
        riktning in (
            'minst', 'hogst', 'mer_an', 'mindre_an', 'lika', 'intervall',
            'alla', 'ingen'
        )
        or (
            riktning in ('okning', 'minskning', 'lag_niva', 'hog_niva', 'bevara')
            and malvarde is not null
        )
),

mot_foregaende as (
    select
        utfall.*,
        'foregaende_ar' as slag,
        case riktning
            when 'okning' then 'over'
            when 'minskning' then 'under'
            when 'bevara' then 'nara'
            when 'hog_niva' then 'minst'
            else 'hogst'
        end as krav,
        utfall_foregaende as referens,
        cast(null as {{ typ_double() }}) as referens_ovre
    from utfall
    where
        riktning in ('okning', 'minskning')
        or (riktning = 'bevara' and malvarde is null)
        or (
            riktning in ('lag_niva', 'hog_niva')
            and coalesce(jamforelse, 'foregaende_ar') like '%foregaende_ar%'
        )
),

mot_gruppen as (
    select
        utfall.*,
        'jamforbara' as slag,
        case when riktning = 'hog_niva' then 'minst' else 'hogst' end as krav,
        -- The group's figure is a whole year's: January to August cannot stand beside
        -- it.
        case
            when periodtyp in ('ar', 'halvar', 'r12', 'tidpunkt') then grupp_median
        end as referens,
        cast(null as {{ typ_double() }}) as referens_ovre
    from utfall
    where riktning in ('lag_niva', 'hog_niva') and jamforelse like '%jamforbara%'
),

alla as (
    select * from mot_malvarde
    union all
    select * from mot_foregaende
    union all
    select * from mot_gruppen
)

select
    kommun_kod,
    ar,
    tillfalle,
    mal_id,
    matt_nyckel,
    slag,
    krav,
    periodtyp,
    grupp_median,
    jamforelse_ar,
    utfall_enhet as enhet_text,
    round(utfall, 6) as utfall,
    round(referens, 6) as referens,
    round(referens_ovre, 6) as referens_ovre,
    -- The goal's own tolerance is in the mått's unit; without one it is five percent of
    -- the reference.
    coalesce(tolerans, abs(referens) * {{ var('mal_tolerans_procent') }} / 100)
        as marginal,
    coalesce(tolerans, abs(referens_ovre) * {{ var('mal_tolerans_procent') }} / 100)
        as marginal_ovre
from alla
