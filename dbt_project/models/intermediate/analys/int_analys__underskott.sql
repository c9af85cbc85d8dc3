-- Results added up over years without a gap, and how much of the deficits is left when
-- later surpluses have made the oldest good first. A surplus that comes before a deficit
-- does not make it good.
with resultat as (
    select
        kommun_kod,
        ar,
        resultat_kr,
        ar - row_number() over (partition by kommun_kod order by ar) as svit
    from {{ ref('int_analys__resultat') }}
    where resultat_kr is not null
),

ackumulerade as (
    select
        *,
        min(ar) over sviten as fran_ar,
        sum(resultat_kr) over sviten as ackumulerat_kr,
        sum(case when resultat_kr > 0 then resultat_kr else 0 end) over sviten
            as overskott_kr
    from resultat
    window
        sviten as (
            partition by kommun_kod, svit order by ar
            rows between unbounded preceding and current row
        )
),

underskott as (
    select
        *,
        greatest(
            0,
            max(ackumulerat_kr) over (
                partition by kommun_kod, svit order by ar
                rows between unbounded preceding and current row
            )
        ) - ackumulerat_kr as underskott_kr
    from ackumulerade
),

-- What is left at the end of a year of the deficits up to an earlier one.
kvar as (
    select
        nu.kommun_kod,
        nu.ar,
        da.ar as uppkom_ar,
        da.underskott_kr - (nu.overskott_kr - da.overskott_kr) as kvar_kr
    from underskott as nu
    inner join underskott as da
        on
            nu.kommun_kod = da.kommun_kod
            and nu.svit = da.svit
            and nu.ar >= da.ar
),

aldsta as (
    select
        kommun_kod,
        ar,
        min(case when kvar_kr > 0 then uppkom_ar end) as uppkom_ar,
        max(
            case
                when uppkom_ar = ar - {{ var('aterstallning_ar', 3) }} and kvar_kr > 0
                    then kvar_kr
                else 0
            end
        ) as for_sent_kr
    from kvar
    group by kommun_kod, ar
)

select
    underskott.kommun_kod,
    underskott.ar,
    underskott.fran_ar,
    underskott.ackumulerat_kr,
    underskott.underskott_kr,
    aldsta.uppkom_ar,
    aldsta.uppkom_ar + {{ var('aterstallning_ar', 3) }} as aterstalls_senast_ar,
    aldsta.for_sent_kr
from underskott
inner join aldsta
    on
        underskott.kommun_kod = aldsta.kommun_kod
        and underskott.ar = aldsta.ar
