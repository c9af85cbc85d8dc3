-- A household answers from its latest month of aid in the period: one type, one unit, so that parts sum to the whole.
with hushallsmanader as (
    select * from {{ ref('int_ekonomiskt_bistand__hushallsmanader') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp in ('manad', 'ack', 'ar')
),

hushall_i_period as (
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        hushallsmanader.enhet_ack as enhet,
        hushallsmanader.hushallstyp_ack as hushallstyp,
        hushallsmanader.forsorjningshinder_ack as forsorjningshinder,
        hushallsmanader.manader_ack as bistandsmanader,
        hushallsmanader.belopp_ack as belopp_kr,
        hushallsmanader.barn_ack as barn
    from hushallsmanader
    inner join perioder
        on
            hushallsmanader.kommun_kod = perioder.kommun_kod
            and hushallsmanader.ar = perioder.ar
            and hushallsmanader.manad <= perioder.slutmanad
            and coalesce(hushallsmanader.nasta_manad_i_aret > perioder.slutmanad, true)
    where perioder.periodtyp in ('ack', 'ar')
    union all
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        hushallsmanader.enhet,
        hushallsmanader.hushallstyp,
        hushallsmanader.forsorjningshinder,
        hushallsmanader.bistand as bistandsmanader,
        hushallsmanader.belopp_kr,
        hushallsmanader.barn * hushallsmanader.bistand as barn
    from hushallsmanader
    inner join perioder
        on
            hushallsmanader.kommun_kod = perioder.kommun_kod
            and hushallsmanader.manad = perioder.slutmanad
    where perioder.periodtyp = 'manad'
),

-- Households have no kön: they stand under 'O', which is counted in T only.
{%- set matt = ['hushall', 'bistandsmanader', 'belopp_kr', 'barn', 'barn_langvarigt'] %}
{%- set dimensioner = ['enhet', 'hushallstyp', 'forsorjningshinder'] %}

fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        'O' as kon,
        enhet,
        hushallstyp,
        forsorjningshinder,
        sum(case when bistandsmanader > 0 then 1 else 0 end) as hushall,
        sum(bistandsmanader) as bistandsmanader,
        sum(belopp_kr) as belopp_kr,
        sum(barn) as barn,
        sum(
            case
                when bistandsmanader >= {{ var('eb_langvarigt_manader') }} then barn
                else 0
            end
        ) as barn_langvarigt
    from hushall_i_period
    group by
        kommun_kod, periodtyp, period_slut, enhet, hushallstyp, forsorjningshinder
    union all
    {{ nollrader('perioder', dimensioner, matt) }}
),

summor as (
    {{ snitt(
        'fina', matt, indelningar=['hushallstyp', 'forsorjningshinder'], enhet='enhet'
    ) }}
),

rutor as (
    select * from (
        {{ rutor('summor', 'perioder', matt) }}
    ) as alla
    where kon = 'T'
)

{{ nyckeltal_rader('rutor', [
    {'id': 'eb_hushall', 'taljare': 'hushall', 'n': 'hushall'},
    {
        'id': 'eb_hushall_per_manad', 'taljare': 'bistandsmanader', 'namnare': 'manader',
        'n': 'hushall', 'om': "periodtyp <> 'manad'",
    },
    {'id': 'eb_barn', 'taljare': 'barn', 'n': 'barn'},
    {'id': 'eb_bistandsmanader', 'taljare': 'bistandsmanader', 'n': 'hushall'},
    {
        'id': 'eb_bistandstid', 'taljare': 'bistandsmanader', 'namnare': 'hushall',
        'n': 'hushall', 'om': "periodtyp <> 'manad'",
    },
    {'id': 'eb_belopp', 'taljare': 'belopp_kr', 'n': 'hushall'},
    {
        'id': 'eb_kr_per_hushall', 'taljare': 'belopp_kr', 'namnare': 'hushall',
        'n': 'hushall',
    },
    {
        'id': 'eb_kr_per_hushallsmanad', 'taljare': 'belopp_kr',
        'namnare': 'bistandsmanader', 'n': 'hushall',
    },
    {
        'id': 'eb_barn_langvarigt', 'taljare': 'barn_langvarigt', 'n': 'barn_langvarigt',
        'om': "periodtyp = 'ar'",
    },
]) }}
