{#-
    Staging's one rule: the rows of the deliveries in force. `nyckel` is given for case registers, where a case
    that several deliveries in force state is taken from the latest year's, and of one year from the latest of them:
    an old year's file delivered anew does not open again what has ended since. `sist_kand_dag` is the end of the
    year for a case that the later years' files no longer state; it is over by then.
-#}
{% macro gallande_rader(tabell, nyckel=none) %}
with leveransrader as (
    select
        lake.*,
        {%- if nyckel %}
        max(case when lake.omfattning <> 'hela' then lake.omfattning end)
            over (partition by lake.kommun_kod) as sista_ar,
        {%- endif %}
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
        case
            when omfattning <> 'hela' and omfattning < sista_ar
                then cast(omfattning || '-12-31' as {{ typ_datum() }})
        end as sist_kand_dag,
        row_number() over (
            partition by kommun_kod, {{ nyckel }}
            order by
                case when omfattning = 'hela' then '' else omfattning end desc,
                ordning desc nulls last,
                rad desc nulls last,
                leverans_id asc
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
