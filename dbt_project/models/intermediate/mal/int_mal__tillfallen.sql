-- The year's occasions of report and the month each ends with (a setting of the
-- municipality).
{% set manader = var('tillfalle_manader') -%}
{% for tillfalle in ['delar1', 'delar2', 'bokslut'] %}
select
    '{{ tillfalle }}' as tillfalle,
    cast({{ manader[loop.index0] }} as {{ typ_int() }}) as slutmanad
{{ 'union all' if not loop.last }}
{% endfor %}
