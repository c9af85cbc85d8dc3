with personmanader as (
    select * from {{ ref('int_ekonomiskt_bistand__personmanader') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp in ('manad', 'ack', 'ar')
),

kon_grupper as (
    select * from {{ ref('kon_grupper') }}
),

aldersgrupper as (
    select * from {{ ref('aldersgrupper') }} where omrade = 'ekonomiskt_bistand'
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
        enhet,
        kon,
        {{ finband('alder') }} as finband,
        count(*) as personer,
        sum(case when alder >= 18 then 1 else 0 end) as vuxna
    from personer_i_period
    group by kommun_kod, periodtyp, period_slut, enhet, kon, {{ finband('alder') }}
    union all
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        null as enhet,
        kon_grupper.kon,
        '25-64' as finband,
        0 as personer,
        0 as vuxna
    from perioder
    cross join kon_grupper
    where kon_grupper.kon_redovisad = 'T'
),

celler as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        'Totalt' as organisation,
        'totalt' as alder,
        kon,
        sum(personer) as personer,
        sum(vuxna) as vuxna
    from fina
    group by kommun_kod, periodtyp, period_slut, kon
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        enhet as organisation,
        'totalt' as alder,
        kon,
        sum(personer) as personer,
        sum(vuxna) as vuxna
    from fina
    where enhet is not null
    group by kommun_kod, periodtyp, period_slut, enhet, kon
    union all
    select
        fina.kommun_kod,
        fina.periodtyp,
        fina.period_slut,
        'Totalt' as organisation,
        aldersgrupper.alder,
        fina.kon,
        sum(fina.personer) as personer,
        sum(fina.vuxna) as vuxna
    from fina
    inner join aldersgrupper
        on fina.finband = aldersgrupper.finband
    group by
        fina.kommun_kod, fina.periodtyp, fina.period_slut, aldersgrupper.alder, fina.kon
),

summor as (
    select
        celler.kommun_kod,
        celler.periodtyp,
        celler.period_slut,
        celler.organisation,
        celler.alder,
        kon_grupper.kon_redovisad as kon,
        sum(celler.personer) as personer,
        sum(celler.vuxna) as vuxna
    from celler
    inner join kon_grupper
        on celler.kon = kon_grupper.kon
    group by
        celler.kommun_kod,
        celler.periodtyp,
        celler.period_slut,
        celler.organisation,
        celler.alder,
        kon_grupper.kon_redovisad
),

rutor as (
    select
        summor.kommun_kod,
        summor.organisation,
        summor.kon,
        summor.alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        {{ periodkolumner() }},
        summor.vuxna,
        summor.personer + barn.taljare as personer
    from summor
    inner join perioder
        on
            summor.kommun_kod = perioder.kommun_kod
            and summor.periodtyp = perioder.periodtyp
            and summor.period_slut = perioder.period_slut
    left join barn
        on
            summor.kommun_kod = barn.kommun_kod
            and summor.periodtyp = barn.periodtyp
            and summor.period_slut = barn.period_slut
            and summor.organisation = 'Totalt'
            and summor.alder = 'totalt'
            and summor.kon = 'T'
    where
        perioder.uppdelad
        or (summor.organisation = 'Totalt' and summor.alder = 'totalt')
)

{{ nyckeltal_rader('rutor', [
    {'id': 'eb_vuxna', 'taljare': 'vuxna', 'n': 'vuxna'},
    {'id': 'eb_unga_18_24', 'taljare': 'vuxna', 'n': 'vuxna', 'om': "alder = '18-24'"},
    {
        'id': 'eb_personer', 'taljare': 'personer', 'n': 'personer',
        'om': 'personer is not null',
    },
]) }}
