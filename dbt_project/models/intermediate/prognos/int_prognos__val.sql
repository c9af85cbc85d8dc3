-- Which method is used for each series and month, decided by the years before alone.
-- A method's score is its error beside the linear one's in the latest years, drawn
-- towards what it is for all the municipality's series: few years of one series prove
-- little. The seasonal method gives way only to one with half its score.
with metoder as (
    select
        metoder.*,
        abs(metoder.prognos_kr - metoder.helar_kr) as fel_kr,
        abs(linjar.prognos_kr - metoder.helar_kr) as fel_linjar_kr
    from {{ ref('int_prognos__metoder') }} as metoder
    inner join {{ ref('int_prognos__metoder') }} as linjar
        on
            metoder.serie_id = linjar.serie_id
            and metoder.ar = linjar.ar
            and metoder.manad = linjar.manad
            and linjar.metod = 'linjar'
),

prov as (
    select
        *,
        count(fel_kr) over alla as antal_test,
        max(fel_kr) over alla as storsta_fel_kr,
        sum(fel_kr) over alla as summa_fel_kr,
        sum(case when fel_kr is not null then abs(helar_kr) end) over alla
            as summa_helar_kr,
        count(fel_kr) over senaste as antal_senaste,
        sum(fel_kr) over senaste as fel_senaste_kr,
        sum(fel_linjar_kr) over senaste as fel_linjar_senaste_kr
    from metoder
    window
        alla as (
            partition by serie_id, manad, metod order by ar
            rows between unbounded preceding and 1 preceding
        ),
        senaste as (
            partition by serie_id, manad, metod order by ar
            rows between {{ var('prognos_provade_ar', 3) }} preceding and 1 preceding
        )
),

kvoter as (
    select
        *,
        {{ kvot('fel_senaste_kr', 'fel_linjar_senaste_kr') }} as egen_kvot,
        {{ kvot(
            'sum(fel_senaste_kr) over tillsammans',
            'sum(fel_linjar_senaste_kr) over tillsammans',
        ) }} as gemensam_kvot
    from prov
    window
        tillsammans as (partition by kommun_kod, tabell, ar, manad, metod)
),

poang as (
    select
        *,
        case
            when egen_kvot is null then gemensam_kvot
            else
                (
                    antal_senaste * egen_kvot
                    + {{ var('prognos_gemensam_vikt', 2) }} * gemensam_kvot
                )
                / (antal_senaste + {{ var('prognos_gemensam_vikt', 2) }})
        end as poang
    from kvoter
),

rangordnade as (
    select
        *,
        row_number() over (
            partition by serie_id, ar, manad
            order by
                poang * case
                    when metod = 'sasong' then {{ var('prognos_bytesgrans', 0.5) }} else
                        1
                end asc nulls last,
                foretrade asc
        ) as rang
    from poang
)

select
    *,
    rang = 1 as vald
from rangordnade
