{#- No two rows share the combination; null equals null here, as in the marts' keys. -#}
{% test unik_kombination(model, kolumner) %}
select
    {{ kolumner | join(', ') }},
    count(*) as antal
from {{ model }}
group by {{ kolumner | join(', ') }}
having count(*) > 1
{% endtest %}
