{#- Every row has a key of its own: no part of it is missing and none stands twice. `ifyllda` are further columns that
    are never empty. One node where dbt's own not_null and unique are two per column: a node costs more than its query.
    The marts' keys and code lists are Great Expectations' (expectations/marts/). -#}
{% test nyckel(model, kolumner, ifyllda=[]) %}
select {{ kolumner | join(', ') }}
from {{ model }}
group by {{ kolumner | join(', ') }}
having count(*) > 1{% for kolumn in kolumner + ifyllda %} or count(*) > count({{ kolumn }}){% endfor %}
{% endtest %}
