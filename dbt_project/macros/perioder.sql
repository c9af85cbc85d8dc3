{#- First and last day of a year or of a month given as two numbers. -#}

{% macro ar_start(ar) -%}
    cast(cast({{ ar }} as {{ typ_text() }}) || '-01-01' as date)
{%- endmacro %}

{% macro ar_slut(ar) -%}
    cast(cast({{ ar }} as {{ typ_text() }}) || '-12-31' as date)
{%- endmacro %}

{% macro manad_start(ar, manad) -%}
    {{ add_months_clamped(ar_start(ar), '(' ~ manad ~ ') - 1') }}
{%- endmacro %}

{% macro manad_slut(ar, manad) -%}
    {{ add_days(add_months_clamped(ar_start(ar), manad), -1) }}
{%- endmacro %}

{#- The day of the year that MM-DD names. -#}
{% macro dag_i_aret(ar, manad_dag) -%}
    cast(cast({{ ar }} as {{ typ_text() }}) || '-' || {{ manad_dag }} as date)
{%- endmacro %}
