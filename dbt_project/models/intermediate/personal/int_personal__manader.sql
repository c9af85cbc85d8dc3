-- Hours and heads per month, for each enhet and the whole, women, men and together.
with rader as (
    select
        personal.*,
        kon_grupper.kon_redovisad
    from {{ ref('stg_personal__personal_manad') }} as personal
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on personal.kon = kon_grupper.kon
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
{% for matt in [
    'sjuk_timmar', 'sjuk_timmar_1_14', 'sjuk_timmar_60', 'sjuk_timmar_180', 'ordinarie_timmar', 'anstallda',
    'arsarbetare', 'chefer', 'borjat', 'slutat',
] %}
    -- A sum over units where one has no figure is no total.
    case when count({{ matt }}) = count(*) then sum({{ matt }}) end as {{ matt }},
    {% endfor %}
    case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
        as leverans_id
from organisationer
group by kommun_kod, organisation, kon_redovisad, manad
