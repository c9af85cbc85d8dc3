{#- Text that models compose: ids from printed names, and Swedish numbers in sentences. -#}

{#- A stable ascii id of a printed name: "Årsplacerade (externt)" becomes arsplacerade_externt. -#}
{% macro slug(uttryck) -%}
    trim(both '_' from replace(replace(replace(
        translate(lower({{ uttryck }}), 'åäöéèüáàø -–/:.,;()%&+§"', 'aaoeeuaao________________'),
        '__', '_'), '__', '_'), '__', '_'))
{%- endmacro %}

{#- 1234.50 becomes "1 234,5" and -3 becomes "−3": at most two decimals, none that are zero, thousands apart. -#}
{% macro svenskt_tal(uttryck) -%}
{%- set avrundat = 'cast(round(' ~ uttryck ~ ', 2) as decimal(18, 2))' -%}
{%- set text -%}
    replace(trim(trailing '.' from trim(trailing '0' from cast(
        abs({{ avrundat }}) as {{ typ_text() }}
    ))), '.', ',')
{%- endset -%}
{%- set hela = 'length(cast(cast(floor(abs(' ~ avrundat ~ ')) as ' ~ typ_bigint() ~ ') as ' ~ typ_text() ~ '))' -%}
    case when {{ avrundat }} < 0 then '−' else '' end || case
    {%- for grupper in [4, 3, 2] %}
        when {{ hela }} > {{ 3 * (grupper - 1) }} then
            substr({{ text }}, 1, {{ hela }} - {{ 3 * (grupper - 1) }})
            {%- for kvar in range(grupper - 1, 0, -1) %}
            || ' ' || substr({{ text }}, {{ hela }} - {{ 3 * kvar - 1 }}{{ ', 3' if kvar > 1 }})
            {%- endfor %}
    {%- endfor %}
        else {{ text }}
    end
{%- endmacro %}
