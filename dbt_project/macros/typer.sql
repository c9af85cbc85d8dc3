{#-
    Type names and conversions that engines spell differently. dbt.type_float() is 32-bit on some engines and
    dbt.safe_cast raises on DuckDB, so both are ours.
-#}
{% macro typ_text() %}{{ return(adapter.dispatch('typ_text', 'tertial')()) }}{% endmacro %}
{% macro default__typ_text() %}{{ return('varchar') }}{% endmacro %}
{% macro spark__typ_text() %}{{ return('string') }}{% endmacro %}

{% macro typ_double() %}{{ return(adapter.dispatch('typ_double', 'tertial')()) }}{% endmacro %}
{% macro default__typ_double() %}{{ return('double precision') }}{% endmacro %}
{% macro duckdb__typ_double() %}{{ return('double') }}{% endmacro %}
{% macro spark__typ_double() %}{{ return('double') }}{% endmacro %}

{% macro typ_bigint() %}{{ return('bigint') }}{% endmacro %}
{% macro typ_int() %}{{ return('integer') }}{% endmacro %}
{% macro typ_datum() %}{{ return('date') }}{% endmacro %}
{% macro typ_ja_nej() %}{{ return('boolean') }}{% endmacro %}
{% macro typ_belopp() %}{{ return('decimal(18, 2)') }}{% endmacro %}
{% macro typ_varde() %}{{ return('decimal(18, 4)') }}{% endmacro %}

{#- A value that does not convert becomes null instead of an error. -#}
{% macro try_cast(uttryck, typ) %}
    {{- return(adapter.dispatch('try_cast', 'tertial')(uttryck, typ)) -}}
{% endmacro %}
{% macro default__try_cast(uttryck, typ) %}{{ return('try_cast(' ~ uttryck ~ ' as ' ~ typ ~ ')') }}{% endmacro %}
