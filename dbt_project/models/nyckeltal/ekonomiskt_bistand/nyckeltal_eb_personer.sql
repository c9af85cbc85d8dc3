with personmanader as (
    select * from {{ ref('int_ekonomiskt_bistand__personmanader') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp in ('manad', 'ack', 'ar')
),

barn as (
    select * from {{ ref('nyckeltal_eb_hushall') }}
    where
        nyckeltal_id = 'eb_barn' and organisation = 'Totalt' and indelning = 'totalt'
),

-- A person answers from the latest month of the period: one row, one unit, one age.
personer_i_period as (
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        personmanader.enhet,
        personmanader.kon,
        perioder.ar - personmanader.fodelsear as alder
    from personmanader
    inner join perioder
        on
            personmanader.kommun_kod = perioder.kommun_kod
            and personmanader.ar = perioder.ar
            and personmanader.manad <= perioder.slutmanad
            and coalesce(personmanader.nasta_manad_i_aret > perioder.slutmanad, true)
    where perioder.periodtyp in ('ack', 'ar')
    union all
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        personmanader.enhet,
        personmanader.kon,
        perioder.ar - personmanader.fodelsear as alder
    from personmanader
    inner join perioder
        on
            personmanader.kommun_kod = perioder.kommun_kod
            and personmanader.manad = perioder.slutmanad
    where perioder.periodtyp = 'manad'
),

fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        enhet,
        {{ finband('alder') }} as finband,
        count(*) as sokande,
        sum(case when alder >= 18 then 1 else 0 end) as vuxna
    from personer_i_period
    group by kommun_kod, periodtyp, period_slut, kon, enhet, {{ finband('alder') }}
    union all
    {{ nollrader('perioder', ['enhet', 'finband'], ['sokande', 'vuxna']) }}
),

summor as (
    {{ snitt(
        'fina', ['sokande', 'vuxna'], omrade='ekonomiskt_bistand', enhet='enhet'
    ) }}
),

vuxenrutor as (
    {{ rutor('summor', 'perioder', ['sokande', 'vuxna']) }}
),

rutor as (
    select
        vuxenrutor.*,
        vuxenrutor.sokande + barn.taljare as personer
    from vuxenrutor
    left join barn
        on
            vuxenrutor.kommun_kod = barn.kommun_kod
            and vuxenrutor.periodtyp = barn.periodtyp
            and vuxenrutor.period_slut = barn.period_slut
            and vuxenrutor.organisation = 'Totalt'
            and vuxenrutor.alder = 'totalt'
            and vuxenrutor.kon = 'T'
)

{{ nyckeltal_rader('rutor', [
    {'id': 'eb_vuxna', 'taljare': 'vuxna', 'n': 'vuxna'},
    {'id': 'eb_unga_18_24', 'taljare': 'vuxna', 'n': 'vuxna', 'om': "alder = '18-24'"},
    {
        'id': 'eb_personer', 'taljare': 'personer', 'n': 'personer',
        'om': 'personer is not null',
    },
]) }}
