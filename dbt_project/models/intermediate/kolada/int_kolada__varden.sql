/*
    One value per KPI, object, year and kön: the latest fetch that has it. A fetch of the whole country outranks every
    earlier selection of municipalities for the years it covers, also where it has no row; an export is used only where
    no fetch covers the KPI's year. Titles that were unknown when an export was read are matched again.
*/
with rader as (
    select
        coalesce(katalog.kolada_id, varden.kolada_id) as kolada_id,
        varden.objekt_kod,
        varden.objekt_typ,
        varden.ar,
        varden.kon,
        varden.varde,
        varden.antal,
        varden.status,
        varden.status_rad,
        varden.preliminar,
        varden.hamtad_dag,
        varden.urval,
        varden.ursprung,
        varden.kalltext,
        varden.titel,
        varden.leverans_id,
        varden.rad,
        varden.ordning
    from {{ ref('stg_kolada__varden') }} as varden
    left join {{ ref('int_kolada__katalog') }} as katalog
        on
            varden.kolada_id like 'titel!_%' escape '!'
            and lower(trim(varden.titel)) = lower(trim(katalog.titel))
),

hela_landet as (
    select
        kolada_id,
        ar,
        max(ordning) as ordning
    from rader
    where urval = 'alla'
    group by kolada_id, ar
),

numrerade as (
    select
        rader.*,
        row_number() over (
            partition by rader.kolada_id, rader.objekt_kod, rader.ar, rader.kon
            order by case when rader.urval = 'export' then 1 else 0 end asc, rader.ordning desc, rader.rad asc
        ) as version
    from rader
    left join hela_landet
        on rader.kolada_id = hela_landet.kolada_id and rader.ar = hela_landet.ar
    where
        hela_landet.ordning is null
        or rader.ordning >= hela_landet.ordning
        or rader.objekt_typ = 'grupp' -- means of an export and groups are not part of the country's own rows
)

select
    kolada_id,
    objekt_kod,
    objekt_typ,
    ar,
    kon,
    varde,
    antal,
    status,
    status_rad,
    preliminar,
    hamtad_dag,
    urval,
    ursprung,
    kalltext,
    titel,
    leverans_id
from numrerade
where version = 1
