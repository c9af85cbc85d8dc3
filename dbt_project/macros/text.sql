{#- Text that models compose: ids from printed names, and Swedish numbers in sentences. -#}

{#- A stable ascii id of a printed name: "Årsplacerade (externt)" becomes arsplacerade_externt. -#}
{% macro slug(uttryck) -%}
    trim(both '_' from replace(replace(replace(
        translate(lower({{ uttryck }}), 'åäöéèüáàø -–/:.,;()%&+§"', 'aaoeeuaao________________'),
        '__', '_'), '__', '_'), '__', '_'))
{%- endmacro %}

{#- 1234.50 becomes "1234,5" and -3 becomes "−3": at most two decimals, none that are zero. -#}
{% macro svenskt_tal(uttryck) -%}
    replace(replace(
        trim(trailing '.' from trim(trailing '0' from cast(
            cast(round({{ uttryck }}, 2) as decimal(18, 2)) as {{ typ_text() }}
        ))),
        '.', ','), '-', '−')
{%- endmacro %}
