-- One row per series and delivered month: what is known of the year when the month is
-- over. A delivered month without rows of a series is 0 in it. A sum over months that
-- were not all delivered is null, never a smaller sum.
with serier as (
    select * from {{ ref('int_prognos__serier') }}
),

namn as (
    select distinct
        serie_id,
        {{ serie_kolumner() | join(',\n        ') }}
    from serier
),

perioder as (
    select distinct
        kommun_kod,
        tabell,
        ar,
        manad
    from serier
    where version = 'utfall' and manad is not null
),

belopp as (
    select
        serie_id,
        ar,
        manad,
        sum(belopp_kr) as belopp_kr
    from serier
    where version = 'utfall' and manad is not null
    group by serie_id, ar, manad
),

tata as (
    select
        namn.serie_id,
        {% for kolumn in serie_kolumner() %}
        namn.{{ kolumn }},
        {% endfor %}
        perioder.ar,
        perioder.manad,
        perioder.ar * 12 + perioder.manad as manadsnummer,
        coalesce(belopp.belopp_kr, 0) as belopp_kr
    from namn
    inner join perioder
        on
            namn.kommun_kod = perioder.kommun_kod
            and namn.tabell = perioder.tabell
    left join belopp
        on
            namn.serie_id = belopp.serie_id
            and perioder.ar = belopp.ar
            and perioder.manad = belopp.manad
),

summor as (
    select
        *,
        sum(belopp_kr) over hittills as ack,
        count(*) over hittills as antal_ack,
        sum(belopp_kr) over aret as helar,
        count(*) over aret as antal_helar,
        sum(belopp_kr) over tertialet as tertial,
        min(manadsnummer) over tertialet as tertial_fran,
        count(*) over tertialet as antal_tertial
    from tata
    window
        hittills as (
            partition by serie_id, ar order by manad
            rows between unbounded preceding and current row
        ),
        aret as (partition by serie_id, ar),
        tertialet as (
            partition by serie_id order by manadsnummer
            rows between 3 preceding and current row
        )
)

select
    serie_id,
    {{ serie_kolumner() | join(',\n    ') }},
    ar,
    manad,
    case when antal_ack = manad then ack end as ack_kr,
    case when antal_helar = 12 then helar end as helar_kr,
    case when antal_helar - antal_ack = 12 - manad then helar - ack end as rest_kr,
    case when antal_tertial = 4 and tertial_fran = manadsnummer - 3 then tertial end
        as tertial_kr
from summor
