-- One row per mått, organisation, sex and period; täljare and nämnare are the period's
-- sums, divided last.
{% set alla = "'manad', 'ack', 'r12', 'ar'" -%}
{% set kvoter = [
    ('pers_sjukfranvaro', 'sjuk_timmar', 'ordinarie_timmar', alla),
    ('pers_sjukfranvaro_korttid', 'sjuk_timmar_1_14', 'ordinarie_timmar', alla),
    ('pers_sjukfranvaro_langtid_59', 'sjuk_timmar_60', 'ordinarie_timmar', alla),
    ('pers_sjukfranvaro_langtid_180', 'sjuk_timmar_180', 'ordinarie_timmar', alla),
    ('pers_omsattning', 'slutat', 'medelantal_anstallda', "'r12'"),
] -%}
{% set antal = [
    ('pers_anstallda', 'anstallda'),
    ('pers_arsarbetare', 'arsarbetare'),
    ('pers_chefer', 'chefer'),
] -%}
with perioder as (
    select * from {{ ref('int_personal__perioder') }}
),

matt as (
    {% for id, taljare, namnare, periodtyper in kvoter %}
    select
        kommun_kod,
        '{{ id }}' as matt_id,
        organisation,
        kon,
        startmanad as period_start,
        period_slut,
        periodtyp,
        {{ taljare }} as taljare,
        {{ namnare }} as namnare,
        {{ kvot(taljare, namnare, 100) }} as varde,
        anstallda,
        status,
        leverans_id
    from perioder
    where periodtyp in ({{ periodtyper }})
    union all
    {% endfor %}
    {% for id, varde in antal %}
    select
        kommun_kod,
        '{{ id }}' as matt_id,
        organisation,
        kon,
        startmanad as period_start,
        period_slut,
        periodtyp,
        {{ varde }} as taljare,
        cast(null as {{ typ_double() }}) as namnare,
        {{ varde }} as varde,
        anstallda,
        status,
        leverans_id
    from perioder
    where periodtyp = 'manad'
    {{- '\n    union all' if not loop.last }}
    {% endfor %}
)

select
    kommun_kod,
    matt_id,
    organisation,
    kon,
    period_start,
    period_slut,
    periodtyp,
    case when varde is not null then taljare end as taljare,
    case when varde is not null then namnare end as namnare,
    varde,
    cast(round(anstallda) as {{ typ_bigint() }}) as n,
    case when varde is null then 'saknas' else status end as status,
    leverans_id
from matt
