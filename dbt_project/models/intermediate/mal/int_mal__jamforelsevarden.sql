-- What comparable municipalities have, per year: the median of the municipality's own
-- list (seed jamforelsekommuner) in Kolada, else of that list's figures in the
-- warehouse, else of Kolada's Liknande kommuner IFO.
with kolada as (
    select
        utfall.kommun_kod,
        utfall.nyckeltal_id as matt_id,
        utfall.ar,
        utfall.grupp_namn as grupp,
        utfall.grupp as grupp_typ,
        utfall.grupp_median,
        utfall.n,
        case utfall.grupp when 'egen_lista' then 1 else 3 end as rang
    from {{ ref('int_jamforelse__utfall') }} as utfall
    inner join {{ ref('stg_register__katalog') }} as katalog
        on utfall.nyckeltal_id = katalog.nyckeltal_id
    where
        utfall.kon = 'T'
        and utfall.grupp in ('egen_lista', 'liknande_ifo')
        -- goals are judged on the whole, so is the group
        and katalog.kolada_alder = 'totalt'
        and katalog.kolada_indelning = 'totalt'
),

lager as (
    select
        lista.kommun_kod,
        varden.matt_id,
        cast(extract(year from varden.period_slut) as {{ typ_int() }}) as ar,
        lista.grupp,
        'lager' as grupp_typ,
        {{ median('varden.varde') }} as grupp_median,
        count(*) as n,
        2 as rang
    from {{ ref('jamforelsekommuner') }} as lista
    inner join {{ ref('int_mal__varden') }} as varden
        on lista.jamforelsekommun_kod = varden.kommun_kod
    where
        varden.periodtyp = 'ar'
        and varden.varde is not null
        and lista.jamforelsekommun_kod <> lista.kommun_kod
    group by
        lista.kommun_kod,
        varden.matt_id,
        cast(extract(year from varden.period_slut) as {{ typ_int() }}),
        lista.grupp
),

alla as (
    select * from kolada
    union all
    select * from lager
),

numrerade as (
    select
        *,
        row_number() over (
            partition by kommun_kod, matt_id, ar
            order by rang asc, n desc, grupp asc
        ) as ordning
    from alla
)

select
    kommun_kod,
    matt_id,
    ar,
    grupp,
    grupp_typ,
    grupp_median,
    n
from numrerade
where ordning = 1
