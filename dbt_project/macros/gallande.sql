{#-
    Staging's one rule: the rows of the deliveries in force. `nyckel` is given for case registers, where a case
    that several deliveries in force state is taken from the latest of them.
-#}
{% macro gallande_rader(tabell, nyckel=none) %}
with leveransrader as (
    select
        lake.*,
        omfattning.ordning
    from {{ source('lake', tabell) }} as lake
    inner join {{ ref('stg_register__omfattning') }} as omfattning
        on
            lake.kommun_kod = omfattning.kommun_kod
            and lake.leverans_id = omfattning.leverans_id
            and lake.omfattning = omfattning.omfattning
            and omfattning.tabell = '{{ tabell }}'
)
{%- if nyckel %},

numrerade as (
    select
        leveransrader.*,
        row_number() over (
            partition by kommun_kod, {{ nyckel }}
            order by ordning desc nulls last, rad desc nulls last, leverans_id asc
        ) as version
    from leveransrader
),

gallande as (
    select * from numrerade where version = 1
)
{%- else %},

gallande as (
    select * from leveransrader
)
{%- endif %}
{% endmacro %}
