{#- Arithmetic that engines do differently, or that must never be done differently in two models. -#}

{#- Divided last: null when the denominator is 0 or null. -#}
{% macro kvot(taljare, namnare, faktor=1) -%}
    {{ faktor ~ ' * ' if faktor != 1 }}cast({{ taljare }} as {{ typ_double() }})
        / nullif(cast({{ namnare }} as {{ typ_double() }}), 0)
{%- endmacro %}

{#- The exact median (the mean of the two middle values when their number is even). -#}
{% macro median(uttryck) -%}
    percentile_cont(0.5) within group (order by cast({{ uttryck }} as {{ typ_double() }}))
{%- endmacro %}

{#- A sum of doubles that is the same whatever the order of the rows: added as decimals of twelve places. -#}
{% macro ordningslos_summa(uttryck) -%}
    cast(sum(cast({{ uttryck }} as decimal(38, 12))) as {{ typ_double() }})
{%- endmacro %}
