-- The whole year's outcome as each method would have said it when the month was over.
-- It reads nothing later than that month, so a past month is a fair test of the method.
with manader as (
    select * from {{ ref('int_prognos__manader') }}
),

-- How large the rest of the year was beside the four months before it, in the five
-- years before. A rest whose months are on average four times those is no season.
faktorer as (
    select
        nu.serie_id,
        nu.ar,
        nu.manad,
        {{ median(kvot('tidigare.rest_kr', 'tidigare.tertial_kr')) }} as faktor
    from manader as nu
    inner join manader as tidigare
        on
            nu.serie_id = tidigare.serie_id
            and nu.manad = tidigare.manad
            and nu.ar > tidigare.ar
            and nu.ar - {{ var('prognos_sasong_ar', 5) }} <= tidigare.ar
    where
        tidigare.tertial_kr <> 0
        and tidigare.rest_kr * tidigare.tertial_kr >= 0
        and abs(tidigare.rest_kr) <= (12 - nu.manad) * abs(tidigare.tertial_kr)
    group by nu.serie_id, nu.ar, nu.manad
),

budget as (
    select
        manader.serie_id,
        manader.ar,
        manader.manad,
        sum(serier.belopp_kr) as helar_kr,
        sum(
            case
                when
                    serier.manad is null
                    then serier.belopp_kr * (12 - manader.manad) / 12
                when serier.manad > manader.manad then serier.belopp_kr
                else 0
            end
        ) as rest_kr
    from manader
    inner join {{ ref('int_prognos__serier') }} as serier
        on
            manader.serie_id = serier.serie_id
            and manader.ar = serier.ar
            and serier.version = 'budget'
    group by manader.serie_id, manader.ar, manader.manad
),

-- The controller's own latest round by then.
egna as (
    select
        manader.serie_id,
        manader.ar,
        manader.manad,
        omgangar.prognosomgang,
        sum(serier.belopp_kr) as prognos_kr,
        row_number() over (
            partition by manader.serie_id, manader.ar, manader.manad
            order by
                max(omgangar.manad) desc,
                max(omgangar.ordning) desc nulls last,
                omgangar.prognosomgang desc nulls last
        ) as ordning
    from manader
    inner join {{ ref('int_prognos__omgangar') }} as omgangar
        on
            manader.kommun_kod = omgangar.kommun_kod
            and manader.tabell = omgangar.tabell
            and manader.ar = omgangar.ar
            and manader.manad >= omgangar.manad
            and omgangar.har_utfall
    inner join {{ ref('int_prognos__serier') }} as serier
        on
            manader.serie_id = serier.serie_id
            and manader.ar = serier.ar
            and serier.version = 'prognos'
            and omgangar.prognosomgang is not distinct from serier.prognosomgang
    group by
        manader.serie_id, manader.ar, manader.manad, omgangar.prognosomgang
),

bredd as (
    select
        manader.*,
        fjol.ack_kr as fjol_ack_kr,
        fjol.rest_kr as fjol_rest_kr,
        faktorer.faktor,
        budget.helar_kr as budget_helar_kr,
        budget.rest_kr as budget_rest_kr,
        egna.prognos_kr as egen_kr,
        egna.prognosomgang
    from manader
    left join manader as fjol
        on
            manader.serie_id = fjol.serie_id
            and manader.manad = fjol.manad
            and manader.ar - 1 = fjol.ar
    left join faktorer
        on
            manader.serie_id = faktorer.serie_id
            and manader.ar = faktorer.ar
            and manader.manad = faktorer.manad
    left join budget
        on
            manader.serie_id = budget.serie_id
            and manader.ar = budget.ar
            and manader.manad = budget.manad
    left join egna
        on
            manader.serie_id = egna.serie_id
            and manader.ar = egna.ar
            and manader.manad = egna.manad
            and egna.ordning = 1
    where manader.ack_kr is not null
),

{%- set metoder = [
    ('sasong', 'ack_kr + tertial_kr * faktor'),
    ('linjar', 'ack_kr * 12 / manad'),
    ('fjolarets_rest', 'ack_kr + fjol_rest_kr'),
    ('fjolarets_rest_uppraknad', 'ack_kr + fjol_rest_kr * ' ~ kvot('ack_kr', 'fjol_ack_kr')),
    ('budgetens_rest', 'ack_kr + budget_rest_kr'),
    ('egen', 'egen_kr'),
] %}

prognoser as (
    {% for metod, formel in metoder %}
    select
        bredd.*,
        '{{ metod }}' as metod,
        {{ loop.index }} as foretrade,
        cast(round({{ formel }}, 2) as {{ typ_belopp() }}) as prognos_kr
    from bredd
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    serie_id,
    {{ serie_kolumner() | join(',\n    ') }},
    ar,
    manad,
    metod,
    foretrade,
    prognos_kr,
    ack_kr,
    helar_kr,
    budget_helar_kr,
    case when metod = 'egen' then prognosomgang end as prognosomgang
from prognoser
where prognos_kr is not null
