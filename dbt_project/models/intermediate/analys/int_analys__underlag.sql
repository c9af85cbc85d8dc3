-- Costs and their volumes, part by part: what the analysis of price and volume reads.
-- Whole-year volumes of a budget are spread evenly: care days by days, household-months
-- by months.
with raknade as (
    select
        nyckeltal.kommun_kod,
        nyckeltal.nyckeltal_id,
        case nyckeltal.indelning
            when 'totalt' then 'totalt' else nyckeltal.indelning_varde
        end
            as del,
        cast(extract(year from nyckeltal.period_slut) as {{ typ_int() }}) as ar,
        cast(extract(month from nyckeltal.period_slut) as {{ typ_int() }}) as manad,
        nyckeltal.varde,
        nyckeltal.n
    from {{ ref('int_nyckeltal__alla') }} as nyckeltal
    where
        nyckeltal.periodtyp = 'ack'
        and nyckeltal.organisation = 'Totalt'
        and nyckeltal.alder = 'totalt'
        and nyckeltal.kon = 'T'
        and (
            (
                nyckeltal.nyckeltal_id in ('eb_bistandsmanader', 'eb_belopp')
                and nyckeltal.indelning in ('totalt', 'hushallstyp')
            )
            or (
                nyckeltal.nyckeltal_id = 'plac_vardygn'
                and nyckeltal.indelning in ('totalt', 'form')
            )
        )
),

volymer as (
    select
        kommun_kod,
        del,
        ar,
        manad,
        'utfall' as version,
        varde as volym,
        n,
        case nyckeltal_id
            when 'plac_vardygn' then 'placeringar' else 'ekonomiskt_bistand'
        end
            as kostnadsslag,
        case nyckeltal_id when 'plac_vardygn' then 'dygn' else 'hushallsmanader' end
            as volymenhet
    from raknade
    where nyckeltal_id <> 'eb_belopp'
),

budgetvolymer as (
    select
        volymer.kommun_kod,
        volymer.ar,
        volymer.manad,
        volymer.kostnadsslag,
        volymer.volymenhet,
        max(matt.varde) * case volymer.kostnadsslag
            when 'placeringar'
                then
                    {{ kvot(
                        days_between(
                            ar_start('volymer.ar'),
                            manad_slut('volymer.ar', 'volymer.manad'),
                        ) ~ ' + 1',
                        days_between(ar_start('volymer.ar'), ar_slut('volymer.ar'))
                        ~ ' + 1',
                    ) }}
            else volymer.manad / cast(12 as {{ typ_double() }})
        end as volym
    from volymer
    inner join {{ ref('int_matt__verksamhetsmatt') }} as matt
        on
            volymer.kommun_kod = matt.kommun_kod
            and matt.version = 'budget'
            and matt.periodtyp = 'ar'
            and matt.organisation = 'Totalt'
            and matt.kon = 'T'
            and matt.period_slut = {{ ar_slut('volymer.ar') }}
            and matt.matt_id = case volymer.kostnadsslag
                when 'placeringar' then 'plac_vardygn' else 'eb_bistandsmanader'
            end
    where volymer.del = 'totalt'
    group by
        volymer.kommun_kod,
        volymer.ar,
        volymer.manad,
        volymer.kostnadsslag,
        volymer.volymenhet
),

alla_volymer as (
    select
        kommun_kod,
        kostnadsslag,
        del,
        ar,
        manad,
        version,
        volymenhet,
        volym,
        n
    from volymer
    union all
    select
        kommun_kod,
        kostnadsslag,
        'totalt' as del,
        ar,
        manad,
        'budget' as version,
        volymenhet,
        volym,
        cast(null as {{ typ_bigint() }}) as n
    from budgetvolymer
),

-- A form with cost and no days, or days and no cost, is a part all the same.
huvudbok as (
    select
        coalesce(kostnader.kommun_kod, volymer.kommun_kod) as kommun_kod,
        coalesce(kostnader.kostnadsslag, volymer.kostnadsslag) as kostnadsslag,
        coalesce(kostnader.del, volymer.del) as del,
        coalesce(kostnader.ar, volymer.ar) as ar,
        coalesce(kostnader.manad, volymer.manad) as manad,
        coalesce(kostnader.version, volymer.version) as version,
        volymer.volymenhet,
        coalesce(kostnader.kostnad_kr, 0) as kostnad_kr,
        coalesce(volymer.volym, 0) as volym,
        coalesce(volymer.n, 0) as n
    from {{ ref('int_analys__kostnader') }} as kostnader
    full outer join alla_volymer as volymer
        on
            kostnader.kommun_kod = volymer.kommun_kod
            and kostnader.kostnadsslag = volymer.kostnadsslag
            and kostnader.del = volymer.del
            and kostnader.ar = volymer.ar
            and kostnader.manad = volymer.manad
            and kostnader.version = volymer.version
),

-- Both the whole's cost and its volume must be known before its parts mean anything.
kanda as (
    select
        kostnader.kommun_kod,
        kostnader.kostnadsslag,
        kostnader.ar,
        kostnader.manad,
        kostnader.version,
        volymer.volymenhet
    from {{ ref('int_analys__kostnader') }} as kostnader
    inner join alla_volymer as volymer
        on
            kostnader.kommun_kod = volymer.kommun_kod
            and kostnader.kostnadsslag = volymer.kostnadsslag
            and kostnader.ar = volymer.ar
            and kostnader.manad = volymer.manad
            and kostnader.version = volymer.version
            and kostnader.del = 'totalt'
            and volymer.del = 'totalt'
),

tryckta as (
    select
        volym.kommun_kod,
        par.kostnadsslag,
        par.del,
        cast(extract(year from volym.period_slut) as {{ typ_int() }}) as ar,
        volym.version,
        par.volymenhet,
        volym.varde as volym,
        volym.varde * pris.varde as kostnad_kr
    from {{ ref('prisvolympar') }} as par
    inner join {{ ref('int_matt__verksamhetsmatt') }} as volym
        on par.volym_matt_id = volym.matt_id
    inner join {{ ref('int_matt__verksamhetsmatt') }} as pris
        on
            par.pris_matt_id = pris.matt_id
            and volym.kommun_kod = pris.kommun_kod
            and volym.period_slut = pris.period_slut
            and volym.version = pris.version
            and volym.organisation = pris.organisation
            and volym.kon = pris.kon
    where
        volym.periodtyp = 'ar'
        and volym.organisation = 'Totalt'
        and volym.kon = 'T'
        and volym.varde is not null
        and pris.varde is not null
)

select
    huvudbok.kommun_kod,
    huvudbok.kostnadsslag,
    'huvudbok' as kalla,
    huvudbok.del,
    huvudbok.ar,
    huvudbok.manad,
    huvudbok.version,
    kanda.volymenhet,
    huvudbok.volym,
    huvudbok.kostnad_kr,
    huvudbok.n
from huvudbok
inner join kanda
    on
        huvudbok.kommun_kod = kanda.kommun_kod
        and huvudbok.kostnadsslag = kanda.kostnadsslag
        and huvudbok.ar = kanda.ar
        and huvudbok.manad = kanda.manad
        and huvudbok.version = kanda.version
-- The ledger does not know the type of household.
where huvudbok.kostnadsslag = 'placeringar' or huvudbok.del = 'totalt'
union all
select
    belopp.kommun_kod,
    'ekonomiskt_bistand' as kostnadsslag,
    'verksamhetssystem' as kalla,
    belopp.del,
    belopp.ar,
    belopp.manad,
    'utfall' as version,
    'hushallsmanader' as volymenhet,
    manader.varde as volym,
    cast(round(belopp.varde, 2) as {{ typ_belopp() }}) as kostnad_kr,
    belopp.n
from raknade as belopp
inner join raknade as manader
    on
        belopp.kommun_kod = manader.kommun_kod
        and belopp.del = manader.del
        and belopp.ar = manader.ar
        and belopp.manad = manader.manad
        and manader.nyckeltal_id = 'eb_bistandsmanader'
where belopp.nyckeltal_id = 'eb_belopp' and belopp.del <> 'totalt'
union all
select
    kommun_kod,
    kostnadsslag,
    'tryckta_matt' as kalla,
    del,
    ar,
    12 as manad,
    version,
    volymenhet,
    volym,
    cast(round(kostnad_kr, 2) as {{ typ_belopp() }}) as kostnad_kr,
    cast(null as {{ typ_bigint() }}) as n
from tryckta
