{#- The one shape of a nyckeltal row. Every model under models/nyckeltal ends with `nyckeltal_rader`. -#}

{% macro nyckeltal_kolumner() -%}
    kommun_kod,
    nyckeltal_id,
    organisation,
    kon,
    alder,
    indelning,
    indelning_varde,
    period_start,
    period_slut,
    periodtyp,
    taljare,
    namnare,
    varde,
    n,
    status,
    leverans_id
{%- endmacro %}

{#-
    Wide sums -> one row per nyckeltal. `relation` has the keys (kommun_kod, organisation, kon, alder, indelning,
    indelning_varde, period_start, period_slut, periodtyp, status, leverans_id) and the sums as columns. Each
    measure is a dict:
        id       nyckeltal_id
        taljare  sum, or none for a median
        namnare  sum; left out for a pure count
        faktor   100 for a share; must equal the catalogue's (tested)
        varde    only for what is not taljare / namnare (a median)
        n        number of units behind the figure
        om       optional condition: the cells in which the measure exists
    A value that cannot be computed (nobody in the denominator) is null with status 'saknas', never 0.
-#}
{% macro nyckeltal_rader(relation, matt) -%}
{% for m in matt -%}
{%- set taljare = m.get('taljare', 'null') -%}
{%- set namnare = m.get('namnare', 'null') -%}
{%- if m.get('varde') -%}
    {%- set varde = m['varde'] -%}
{%- elif m.get('namnare') -%}
    {%- set varde = kvot(taljare, namnare, m.get('faktor', 1)) -%}
{%- else -%}
    {%- set varde = taljare -%}
{%- endif %}
select
    kommun_kod,
    '{{ m['id'] }}' as nyckeltal_id,
    organisation,
    kon,
    alder,
    indelning,
    indelning_varde,
    period_start,
    period_slut,
    periodtyp,
    cast({{ taljare }} as {{ typ_double() }}) as taljare,
    cast({{ namnare }} as {{ typ_double() }}) as namnare,
    cast({{ varde }} as {{ typ_double() }}) as varde,
    cast({{ m['n'] }} as {{ typ_bigint() }}) as n,
    case when {{ varde }} is null then 'saknas' else status end as status,
    leverans_id
from {{ relation }}
{%- if m.get('om') %}
where {{ m['om'] }}
{%- endif %}
{%- if not loop.last %}
union all
{%- endif %}
{% endfor %}
{%- endmacro %}

{#- Finest age groups; the seed aldersgrupper says which of them a subject reports, alone or joined. -#}
{% macro finband(alder) -%}
    case
        when {{ alder }} <= 12 then '0-12'
        when {{ alder }} <= 17 then '13-17'
        when {{ alder }} <= 20 then '18-20'
        when {{ alder }} <= 24 then '21-24'
        when {{ alder }} <= 64 then '25-64'
        else '65-'
    end
{%- endmacro %}

