-- Persons net and days of care. Both the first and the last day count; an open placement lasts to the period's end.
with vardperioder as (
    select * from {{ ref('int_placeringar__vardperioder') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'placeringar' and periodtyp in ('manad', 'ack', 'ar')
),

{%- set matt = ['personer', 'vardygn', 'pagaende'] %}

raknade as (
    {{ rakna_vardperioder('vardperioder', 'perioder') }}
),

med_ar as (
    {{ med_helar(
        'raknade', 'perioder', ['indelning', 'indelning_varde', 'finband'], matt
    ) }}
),

-- Every covered period has a row of zeros in the whole, in all ages and in the reported age groups' first band.
fina as (
    select * from med_ar
    union all
    select
        noll.kommun_kod,
        noll.periodtyp,
        noll.period_slut,
        noll.kon,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        noll.finband,
        noll.personer,
        noll.vardygn,
        noll.pagaende
    from (
        {{ nollrader('perioder', ['finband'], matt) }}
    ) as noll
),

celler as (
    {{ snitt_lang('fina', matt, 'placeringar') }}
),

-- Shares of the whole: what part stands under LVU, what part of the days is spent in the municipality.
delar as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        alder,
        kon,
        sum(case when indelning_varde = 'lvu' then personer else 0 end) as personer_lvu,
        sum(
            case when indelning_varde = 'i_kommunen' then vardygn else 0 end
        ) as vardygn_i_kommunen,
        sum(
            case
                when indelning = 'plats' and indelning_varde <> 'okand' then vardygn
                else 0
            end
        ) as vardygn_kand_plats
    from celler
    group by kommun_kod, periodtyp, period_slut, alder, kon
),

cellrutor as (
    {{ rutor('celler', 'perioder', matt) }}
),

rutor as (
    select
        cellrutor.*,
        delar.personer_lvu,
        delar.vardygn_i_kommunen,
        delar.vardygn_kand_plats
    from cellrutor
    inner join delar
        on
            cellrutor.kommun_kod = delar.kommun_kod
            and cellrutor.periodtyp = delar.periodtyp
            and cellrutor.period_slut = delar.period_slut
            and cellrutor.alder = delar.alder
            and cellrutor.kon = delar.kon
),

redovisade as (
    select * from rutor
    where
        indelning <> 'formgrupp'
        and (alder = 'totalt' or (organisation = 'Totalt' and indelning = 'totalt'))
),

helheter as (
    select * from redovisade
    where
        organisation = 'Totalt'
        and indelning = 'totalt'
        and periodtyp in ('ar', 'ack')
        and uppdelad
),

-- Kolada's measures: one group of forms, ages 0-20, calendar year.
kolada as (
    select
        kommun_kod,
        organisation,
        kon,
        alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        period_start,
        period_slut,
        periodtyp,
        status,
        leverans_id,
        indelning_varde as formgrupp,
        personer
    from rutor
    where indelning = 'formgrupp' and alder = '0-20' and periodtyp = 'ar'
)

{{ nyckeltal_rader('redovisade', [
    {'id': 'plac_personer', 'taljare': 'personer', 'n': 'personer'},
    {'id': 'plac_vardygn', 'taljare': 'vardygn', 'n': 'personer'},
    {
        'id': 'plac_arsplaceringar', 'taljare': 'vardygn', 'namnare': 'dagar',
        'n': 'personer',
    },
    {'id': 'plac_pagaende', 'taljare': 'pagaende', 'n': 'pagaende'},
]) }}
union all
{{ nyckeltal_rader('helheter', [
    {
        'id': 'plac_andel_lvu', 'taljare': 'personer_lvu', 'namnare': 'personer',
        'faktor': 100, 'n': 'personer',
    },
    {
        'id': 'plac_andel_hemmaplan', 'taljare': 'vardygn_i_kommunen',
        'namnare': 'vardygn_kand_plats', 'faktor': 100, 'n': 'personer',
    },
]) }}
union all
{{ nyckeltal_rader('kolada', [
    {
        'id': 'plac_familjehem_0_20', 'taljare': 'personer', 'n': 'personer',
        'om': "formgrupp = 'familjehem_kolada'",
    },
    {
        'id': 'plac_hvb_0_20', 'taljare': 'personer', 'n': 'personer',
        'om': "formgrupp = 'hvb_kolada'",
    },
    {
        'id': 'plac_hvb_familjehem_0_20', 'taljare': 'personer', 'n': 'personer',
        'om': "formgrupp = 'familjehem_eller_hvb_kolada'",
    },
]) }}
