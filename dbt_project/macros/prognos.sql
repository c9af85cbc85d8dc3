{#- What one forecast series is: every model of the room carries serie_id, and these columns say what it stands for. -#}
{% macro serie_kolumner() %}
    {{- return(['kommun_kod', 'tabell', 'ansvar', 'organisation', 'verksamhet', 'verksamhet_namn', 'kontogrupp']) -}}
{% endmacro %}

{% macro serie_id() -%}
    kommun_kod || '|' || tabell || '|' || ansvar || '|' || organisation || '|' || verksamhet || '|'
    || verksamhet_namn || '|' || kontogrupp
{%- endmacro %}
