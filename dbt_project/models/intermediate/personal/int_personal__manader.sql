-- Hours and heads per month, for each enhet and the whole, women, men and together. A
-- delivered month that an enhet is not in, though it is in earlier and later ones, has no
-- figure for the enhet and so none for the whole.
{% set kolumner = [
    'sjuk_timmar', 'sjuk_timmar_1_14', 'sjuk_timmar_60', 'sjuk_timmar_180', 'ordinarie_timmar', 'anstallda',
    'arsarbetare', 'chefer', 'borjat', 'slutat',
] -%}
with personal as (
    select * from {{ ref('stg_personal__personal_manad') }}
),

levererade as (
    select distinct
        kommun_kod,
        manad
    from personal
),

enheter as (
    select
        kommun_kod,
        enhet,
        kon,
        min(min(manad)) over (partition by kommun_kod, enhet) as forsta_manad,
        max(max(manad)) over (partition by kommun_kod, enhet) as sista_manad
    from personal
    group by kommun_kod, enhet, kon
),

med_luckor as (
    select
        kommun_kod,
        enhet,
        kon,
        manad,
        {% for kolumn in kolumner %}
        {{ kolumn }},
        {% endfor %}
        leverans_id
    from personal
    union all
    select
        enheter.kommun_kod,
        enheter.enhet,
        enheter.kon,
        levererade.manad,
        {% for kolumn in kolumner %}
        null as {{ kolumn }},
        {% endfor %}
        null as leverans_id
    from enheter
    inner join levererade
        on
            enheter.kommun_kod = levererade.kommun_kod
            and enheter.forsta_manad < levererade.manad
            and enheter.sista_manad > levererade.manad
    where
        not exists (
            select 1
            from personal
            where
                personal.kommun_kod = enheter.kommun_kod
                and personal.enhet = enheter.enhet
                and personal.manad = levererade.manad
        )
),

rader as (
    select
        med_luckor.*,
        kon_grupper.kon_redovisad
    from med_luckor
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on med_luckor.kon = kon_grupper.kon
),

organisationer as (
    select
        rader.*,
        rader.enhet as organisation
    from rader
    where rader.enhet <> 'Totalt'
    union all
    select
        rader.*,
        'Totalt' as organisation
    from rader
)

select
    kommun_kod,
    organisation,
    kon_redovisad as kon,
    manad,
    cast({{ month_number('manad') }} as {{ typ_int() }}) as manadsnummer,
    {% for matt in kolumner %}
    -- A sum over units where one has no figure is no total.
    case when count({{ matt }}) = count(*) then sum({{ matt }}) end as {{ matt }},
    {% endfor %}
    case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
        as leverans_id
from organisationer
group by kommun_kod, organisation, kon_redovisad, manad
