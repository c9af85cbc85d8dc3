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
        hushallsmanader.enhet,
        hushallsmanader.hushallstyp,
        hushallsmanader.forsorjningshinder,
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
        case when hushallsmanader.bistand = 1 then hushallsmanader.barn else 0 end as barn
    from hushallsmanader
    inner join perioder
        on
            hushallsmanader.kommun_kod = perioder.kommun_kod
            and hushallsmanader.manad = perioder.slutmanad
    where perioder.periodtyp = 'manad'
),

summor as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        coalesce(enhet, 'Totalt') as organisation,
        case
            when grouping(hushallstyp) = 0 then 'hushallstyp'
            when grouping(forsorjningshinder) = 0 then 'forsorjningshinder'
            else 'totalt'
        end as indelning,
        coalesce(hushallstyp, forsorjningshinder, 'totalt') as indelning_varde,
        sum(case when bistandsmanader > 0 then 1 else 0 end) as hushall,
        sum(bistandsmanader) as bistandsmanader,
        sum(belopp_kr) as belopp_kr,
        sum(barn) as barn,
        sum(
            case
                when bistandsmanader >= {{ var('eb_langvarigt_manader') }} then barn else 0
            end
        ) as barn_langvarigt,
        sum(
            case
                when bistandsmanader >= {{ var('eb_langvarigt_manader') }} then 1 else 0
            end
        ) as hushall_langvarigt
    from hushall_i_period
    group by
        grouping sets (
            (kommun_kod, periodtyp, period_slut),
            (kommun_kod, periodtyp, period_slut, enhet),
            (kommun_kod, periodtyp, period_slut, hushallstyp),
            (kommun_kod, periodtyp, period_slut, forsorjningshinder)
        )
),

-- A covered period in which nobody had aid is a 0, not a gap.
helheter as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        'Totalt' as organisation,
        'totalt' as indelning,
        'totalt' as indelning_varde
    from perioder
    union
    select
        kommun_kod,
        periodtyp,
        period_slut,
        organisation,
        indelning,
        indelning_varde
    from summor
),

rutor as (
    select
        helheter.kommun_kod,
        helheter.organisation,
        'T' as kon,
        'totalt' as alder,
        helheter.indelning,
        helheter.indelning_varde,
        {{ periodkolumner() }},
        perioder.manader,
        coalesce(summor.hushall, 0) as hushall,
        coalesce(summor.bistandsmanader, 0) as bistandsmanader,
        coalesce(summor.belopp_kr, 0) as belopp_kr,
        coalesce(summor.barn, 0) as barn,
        coalesce(summor.barn_langvarigt, 0) as barn_langvarigt,
        coalesce(summor.hushall_langvarigt, 0) as hushall_langvarigt
    from helheter
    inner join perioder
        on
            helheter.kommun_kod = perioder.kommun_kod
            and helheter.periodtyp = perioder.periodtyp
            and helheter.period_slut = perioder.period_slut
    left join summor
        on
            helheter.kommun_kod = summor.kommun_kod
            and helheter.periodtyp = summor.periodtyp
            and helheter.period_slut = summor.period_slut
            and helheter.organisation = summor.organisation
            and helheter.indelning = summor.indelning
            and helheter.indelning_varde = summor.indelning_varde
    where
        perioder.uppdelad
        or (helheter.organisation = 'Totalt' and helheter.indelning = 'totalt')
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
    {'id': 'eb_kr_per_hushall', 'taljare': 'belopp_kr', 'namnare': 'hushall', 'n': 'hushall'},
    {
        'id': 'eb_kr_per_hushallsmanad', 'taljare': 'belopp_kr',
        'namnare': 'bistandsmanader', 'n': 'hushall',
    },
    {
        'id': 'eb_barn_langvarigt', 'taljare': 'barn_langvarigt', 'n': 'barn_langvarigt',
        'om': "periodtyp = 'ar'",
    },
    {
        'id': 'eb_hushall_langvarigt', 'taljare': 'hushall_langvarigt',
        'n': 'hushall_langvarigt', 'om': "periodtyp = 'ar'",
    },
]) }}
