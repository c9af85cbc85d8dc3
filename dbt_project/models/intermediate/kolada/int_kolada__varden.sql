/*
    One value per KPI, object, year and kön: the latest fetch that has it. A fetch of the whole country outranks every
    earlier selection of municipalities for the years it covers, also where it has no row; an export is used only where
    no fetch covers the KPI's year. Titles that were unknown when an export was read are matched
    again. Only what the facts are made of is kept: writing the rest took a third of the build of the whole country.
*/
with omdopta as (
    select distinct
        varden.kolada_id as slug_id,
        katalog.kolada_id
    from {{ ref('stg_kolada__varden') }} as varden
    inner join {{ ref('int_kolada__katalog') }} as katalog
        on lower(trim(varden.titel)) = lower(trim(katalog.titel))
    where varden.kolada_id like 'titel!_%' escape '!'
),

rader as (
    select
        coalesce(omdopta.kolada_id, varden.kolada_id) as kolada_id,
        varden.objekt_kod,
        varden.objekt_typ,
        varden.ar,
        varden.kon,
        varden.varde,
        varden.status,
        varden.urval,
        varden.ursprung,
        varden.leverans_id,
        varden.rad,
        varden.ordning
    from {{ ref('stg_kolada__varden') }} as varden
    left join omdopta
        on varden.kolada_id = omdopta.slug_id
),

-- Which deliveries speak of a KPI's year: where only one does there is nothing to choose (nearly every row).
ar_och_leveranser as (
    select
        kolada_id,
        ar,
        max(case when urval = 'alla' then ordning end) as hela_landet,
        min(leverans_id) <> max(leverans_id) as flera
    from rader
    group by kolada_id, ar
),

numrerade as (
    select
        rader.*,
        row_number() over (
            partition by rader.kolada_id, rader.objekt_kod, rader.ar, rader.kon
            order by
                case when rader.urval = 'export' then 1 else 0 end asc,
                rader.ordning desc,
                rader.rad asc
        ) as version
    from rader
    inner join ar_och_leveranser
        on
            rader.kolada_id = ar_och_leveranser.kolada_id
            and rader.ar = ar_och_leveranser.ar
    where
        ar_och_leveranser.flera
        and (
            ar_och_leveranser.hela_landet is null
            or rader.ordning >= ar_och_leveranser.hela_landet
            or rader.objekt_typ = 'grupp' -- means of an export and groups are not part of the country's own rows
        )
)

select
    rader.kolada_id,
    rader.objekt_kod,
    rader.objekt_typ,
    rader.ar,
    rader.kon,
    rader.varde,
    rader.status,
    rader.urval,
    rader.ursprung,
    rader.leverans_id
from rader
inner join ar_och_leveranser
    on
        rader.kolada_id = ar_och_leveranser.kolada_id
        and rader.ar = ar_och_leveranser.ar
where not ar_och_leveranser.flera
union all
select
    kolada_id,
    objekt_kod,
    objekt_typ,
    ar,
    kon,
    varde,
    status,
    urval,
    ursprung,
    leverans_id
from numrerade
where version = 1
