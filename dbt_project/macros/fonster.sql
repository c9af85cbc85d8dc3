{#-
    The column's value in the window's last row that meets the condition, null where none does. The engines agree on
    what it is and not on how it is written.
-#}
{% macro senaste_dar(kolumn, villkor, fonster) -%}
    {{- return(adapter.dispatch('senaste_dar', 'tertial')(kolumn, villkor, fonster)) -}}
{%- endmacro %}

{% macro default__senaste_dar(kolumn, villkor, fonster) -%}
    last_value(case when {{ villkor }} then {{ kolumn }} end ignore nulls) over {{ fonster }}
{%- endmacro %}

{% macro spark__senaste_dar(kolumn, villkor, fonster) -%}
    last_value(case when {{ villkor }} then {{ kolumn }} end, true) over {{ fonster }}
{%- endmacro %}
