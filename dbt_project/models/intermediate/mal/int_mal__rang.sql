-- The municipality's place among its own comparable municipalities (seed
-- jamforelsekommuner) per mått and year, counted from both ends; itself included.
with varden as (
    select
        kommun_kod,
        matt_id,
        cast(extract(year from period_slut) as {{ typ_int() }}) as ar,
        varde
    from {{ ref('int_mal__varden') }}
    where periodtyp = 'ar' and varde is not null
)

select
    eget.kommun_kod,
    eget.matt_id,
    eget.ar,
    lista.grupp,
    1 + sum(case when andra.varde > eget.varde then 1 else 0 end) as rang_fran_hogst,
    1 + sum(case when andra.varde < eget.varde then 1 else 0 end) as rang_fran_lagst,
    1 + count(*) as antal
from varden as eget
inner join {{ ref('jamforelsekommuner') }} as lista
    on eget.kommun_kod = lista.kommun_kod
inner join varden as andra
    on
        lista.jamforelsekommun_kod = andra.kommun_kod
        and eget.matt_id = andra.matt_id
        and eget.ar = andra.ar
group by eget.kommun_kod, eget.matt_id, eget.ar, lista.grupp
