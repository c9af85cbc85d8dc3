{#-
    The cells of a subject, from a fine table whose rows are disjoint in everything that is summed over (each
    person, day or case stands in exactly one row of a period). Fine columns: kommun_kod, periodtyp, period_slut,
    kon, and the dimensions named in the call; a row with null dimensions counts in the totals only (that is how
    an empty period becomes 0).

    One dimension at a time, each by kön: the whole, per unit, per age group, per `indelningar`. Breakdowns are
    kept to the periods that `int_kalender__perioder` marks as uppdelad.
-#}
{% macro snitt(relation, matt, indelningar=[], omrade=none, enhet=none) -%}
{%- set delar = [('Totalt', 'totalt', 'totalt', 'totalt', none)] -%}
{%- if enhet -%}{%- do delar.append((enhet, 'totalt', 'totalt', 'totalt', enhet)) -%}{%- endif -%}
{%- if omrade -%}{%- do delar.append(('Totalt', 'alder', 'totalt', 'totalt', 'finband')) -%}{%- endif -%}
{%- for indelning in indelningar -%}
    {%- do delar.append(('Totalt', 'totalt', indelning, indelning, indelning)) -%}
{%- endfor -%}
{%- for organisation, alder, indelning, varde, dimension in delar %}
select
    fin.kommun_kod,
    fin.periodtyp,
    fin.period_slut,
    {{ "'Totalt'" if organisation == 'Totalt' else 'fin.' ~ organisation }} as organisation,
    {{ "'totalt'" if alder == 'totalt' else 'aldersgrupper.alder' }} as alder,
    '{{ indelning }}' as indelning,
    {{ "'totalt'" if varde == 'totalt' else 'fin.' ~ varde }} as indelning_varde,
    kon_grupper.kon_redovisad as kon,
    {%- for kolumn in matt %}
    sum(fin.{{ kolumn }}) as {{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ relation }} as fin
inner join {{ ref('kon_grupper') }} as kon_grupper
    on fin.kon = kon_grupper.kon
{%- if alder == 'alder' %}
inner join {{ ref('aldersgrupper') }} as aldersgrupper
    on fin.finband = aldersgrupper.finband and aldersgrupper.omrade = '{{ omrade }}'
{%- endif %}
{%- if dimension %}
where fin.{{ dimension }} is not null
{%- endif %}
group by
    fin.kommun_kod,
    fin.periodtyp,
    fin.period_slut,
    {%- if organisation != 'Totalt' %}
    fin.{{ organisation }},
    {%- endif %}
    {%- if alder == 'alder' %}
    aldersgrupper.alder,
    {%- endif %}
    {%- if varde != 'totalt' %}
    fin.{{ varde }},
    {%- endif %}
    kon_grupper.kon_redovisad
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}

{#- One row of zeros per covered period and kön, to be joined to a fine table with `union all`. -#}
{% macro nollrader(perioder, dimensioner, matt) -%}
select
    perioder.kommun_kod,
    perioder.periodtyp,
    perioder.period_slut,
    kon_grupper.kon,
    {%- for dimension in dimensioner %}
    cast(null as {{ typ_text() }}) as {{ dimension }},
    {%- endfor %}
    {%- for kolumn in matt %}
    0 as {{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ perioder }} as perioder
cross join {{ ref('kon_grupper') }} as kon_grupper
where kon_grupper.kon_redovisad = 'T'
{%- endmacro %}

{#- Cells with their period: what `nyckeltal_rader` reads. -#}
{% macro rutor(summor, perioder, matt) -%}
{%- for kolumn in matt if kolumn in ['manader', 'dagar'] -%}
    {{ exceptions.raise_compiler_error("a sum may not be named as the period's own " ~ kolumn) }}
{%- endfor -%}
select
    summor.kommun_kod,
    summor.organisation,
    summor.kon,
    summor.alder,
    summor.indelning,
    summor.indelning_varde,
    perioder.period_start,
    perioder.period_slut,
    perioder.periodtyp,
    perioder.manader,
    perioder.dagar,
    perioder.uppdelad,
    perioder.status,
    perioder.leverans_id,
    {%- for kolumn in matt %}
    summor.{{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ summor }} as summor
inner join {{ perioder }} as perioder
    on
        summor.kommun_kod = perioder.kommun_kod
        and summor.periodtyp = perioder.periodtyp
        and summor.period_slut = perioder.period_slut
where
    perioder.uppdelad
    or (
        summor.organisation = 'Totalt'
        and summor.alder = 'totalt'
        and summor.indelning = 'totalt'
    )
{%- endmacro %}

{#-
    Cells from a long fine table, for what is not disjoint over its dimensions (a person in two forms is one person
    in the whole): kommun_kod, periodtyp, period_slut, indelning ('totalt', 'enhet' or another dimension),
    indelning_varde, finband (null in a row of zeros), kon. Units become `organisation`.
-#}
{% macro snitt_lang(relation, matt, omrade) -%}
select
    fin.kommun_kod,
    fin.periodtyp,
    fin.period_slut,
    case when fin.indelning = 'enhet' then fin.indelning_varde else 'Totalt' end
        as organisation,
    grupper.alder,
    case when fin.indelning = 'enhet' then 'totalt' else fin.indelning end as indelning,
    case when fin.indelning = 'enhet' then 'totalt' else fin.indelning_varde end
        as indelning_varde,
    kon_grupper.kon_redovisad as kon,
    {%- for kolumn in matt %}
    sum(fin.{{ kolumn }}) as {{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ relation }} as fin
inner join {{ ref('kon_grupper') }} as kon_grupper
    on fin.kon = kon_grupper.kon
inner join (
    select
        finband,
        alder
    from {{ ref('aldersgrupper') }}
    where omrade = '{{ omrade }}'
    union all
    select
        null as finband,
        'totalt' as alder
) as grupper
    on fin.finband = grupper.finband or grupper.alder = 'totalt'
group by
    fin.kommun_kod,
    fin.periodtyp,
    fin.period_slut,
    fin.indelning,
    fin.indelning_varde,
    grupper.alder,
    kon_grupper.kon_redovisad
{%- endmacro %}
