{#- Dates: whole days and calendar months, on every engine the same. -#}

{% macro month_start(datum) %}{{ return(adapter.dispatch('month_start', 'tertial')(datum)) }}{% endmacro %}
{% macro default__month_start(datum) %}{{ return("cast(date_trunc('month', " ~ datum ~ ") as date)") }}{% endmacro %}

{#- The date `antal` calendar months later, clamped to the month's end: 31 October + 4 months = 28 February. -#}
{% macro add_months_clamped(datum, antal) %}
    {{- return(adapter.dispatch('add_months_clamped', 'tertial')(datum, antal)) -}}
{% endmacro %}
{% macro default__add_months_clamped(datum, antal) %}
    {{- return("cast(" ~ datum ~ " + (" ~ antal ~ ") * interval '1' month as date)") -}}
{% endmacro %}
{% macro spark__add_months_clamped(datum, antal) %}{{ return('add_months(' ~ datum ~ ', ' ~ antal ~ ')') }}{% endmacro %}

{% macro add_days(datum, antal) %}{{ return(adapter.dispatch('add_days', 'tertial')(datum, antal)) }}{% endmacro %}
{% macro default__add_days(datum, antal) %}{{ return('(' ~ datum ~ ' + ' ~ antal ~ ')') }}{% endmacro %}
{% macro spark__add_days(datum, antal) %}{{ return('date_add(' ~ datum ~ ', ' ~ antal ~ ')') }}{% endmacro %}

{#- Whole days from one date to another (0 on the same day, negative when `till` is earlier). -#}
{% macro days_between(fran, till) %}{{ return(adapter.dispatch('days_between', 'tertial')(fran, till)) }}{% endmacro %}
{% macro default__days_between(fran, till) %}{{ return('(' ~ till ~ ' - ' ~ fran ~ ')') }}{% endmacro %}
{% macro duckdb__days_between(fran, till) %}{{ return("date_diff('day', " ~ fran ~ ', ' ~ till ~ ')') }}{% endmacro %}
{% macro spark__days_between(fran, till) %}{{ return('datediff(' ~ till ~ ', ' ~ fran ~ ')') }}{% endmacro %}

{#- Months since year 0: differences between two are calendar months apart. -#}
{% macro month_number(datum) -%}
    (extract(year from {{ datum }}) * 12 + extract(month from {{ datum }}))
{%- endmacro %}
