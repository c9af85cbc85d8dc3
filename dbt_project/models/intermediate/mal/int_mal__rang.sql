-- The municipality's place, itself included, in the very group that its goals are judged
-- against (int_mal__jamforelsevarden), per mått and year, counted from both ends: by
-- Kolada's figures where they are the group's, else by the warehouse's own.
with grupper as (
    select * from {{ ref('int_mal__jamforelsevarden') }}
),

kolada as (
    select
        grupper.kommun_kod,
        grupper.matt_id,
        grupper.ar,
        grupper.grupp,
        utfall.rang_fran_hogst,
        utfall.rang_fran_lagst,
        utfall.antal_rangordnade as antal
    from grupper
    inner join {{ ref('int_jamforelse__utfall') }} as utfall
        on
            grupper.kommun_kod = utfall.kommun_kod
            and grupper.matt_id = utfall.nyckeltal_id
            and grupper.ar = utfall.ar
            and grupper.grupp = utfall.grupp_namn
            and grupper.grupp_typ = utfall.grupp
    where utfall.kon = 'T'
),

varden as (
    select
        kommun_kod,
        matt_id,
        cast(extract(year from period_slut) as {{ typ_int() }}) as ar,
        varde
    from {{ ref('int_mal__varden') }}
    where periodtyp = 'ar' and varde is not null
),

lager as (
    select
        grupper.kommun_kod,
        grupper.matt_id,
        grupper.ar,
        grupper.grupp,
        1 + sum(case when andra.varde > eget.varde then 1 else 0 end)
            as rang_fran_hogst,
        1 + sum(case when andra.varde < eget.varde then 1 else 0 end)
            as rang_fran_lagst,
        1 + count(*) as antal
    from grupper
    inner join varden as eget
        on
            grupper.kommun_kod = eget.kommun_kod
            and grupper.matt_id = eget.matt_id
            and grupper.ar = eget.ar
    inner join {{ ref('jamforelsekommuner') }} as lista
        on grupper.kommun_kod = lista.kommun_kod and grupper.grupp = lista.grupp
    inner join varden as andra
        on
            lista.jamforelsekommun_kod = andra.kommun_kod
            and grupper.matt_id = andra.matt_id
            and grupper.ar = andra.ar
    where grupper.grupp_typ = 'lager' and lista.jamforelsekommun_kod <> lista.kommun_kod
    group by grupper.kommun_kod, grupper.matt_id, grupper.ar, grupper.grupp
)

select * from kolada
union all
select * from lager
