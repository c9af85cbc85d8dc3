-- The change of each part's cost against its base, split in öre:
--   volym   (what the whole's volume changed by) x the part's base cost
--   mix     the rest of (volume - base volume) x base price
--   pris    the rest of the change: (price - base price) x volume, and the rounding
--   ofordelat  cost on a side that has no volume: no price, so nothing to split
with underlag as (
    select * from {{ ref('int_analys__underlag') }}
),

-- One version per year stands for it: the outcome, else the latest expectation.
versioner as (
    select
        kommun_kod,
        kostnadsslag,
        kalla,
        ar,
        manad,
        version,
        row_number() over (
            partition by kommun_kod, kostnadsslag, kalla, ar, manad
            order by
                case version
                    when 'utfall' then 1
                    when 'prognos' then 2
                    when 'budget' then 3
                    else 4
                end
        ) as ordning
    from underlag
    group by kommun_kod, kostnadsslag, kalla, ar, manad, version
),

jamforelser as (
    select
        nu.kommun_kod,
        nu.kostnadsslag,
        nu.kalla,
        nu.ar,
        nu.manad,
        nu.version,
        case when bas.ar = nu.ar then 'budget' else 'foregaende_ar' end as jamforelse,
        bas.ar as bas_ar,
        bas.version as bas_version
    from versioner as nu
    inner join versioner as bas
        on
            nu.kommun_kod = bas.kommun_kod
            and nu.kostnadsslag = bas.kostnadsslag
            and nu.kalla = bas.kalla
            and nu.manad = bas.manad
            and (
                (nu.ar = bas.ar and nu.version = 'utfall' and bas.version = 'budget')
                or (nu.ar - 1 = bas.ar and nu.ordning = 1 and bas.ordning = 1)
            )
),

-- A budgeted volume is known for the whole only.
delar as (
    select distinct
        jamforelser.*,
        underlag.del,
        underlag.volymenhet
    from jamforelser
    inner join underlag
        on
            jamforelser.kommun_kod = underlag.kommun_kod
            and jamforelser.kostnadsslag = underlag.kostnadsslag
            and jamforelser.kalla = underlag.kalla
            and jamforelser.manad = underlag.manad
            and (
                (
                    jamforelser.ar = underlag.ar
                    and jamforelser.version = underlag.version
                )
                or (
                    jamforelser.bas_ar = underlag.ar
                    and jamforelser.bas_version = underlag.version
                )
            )
    where
        jamforelser.kalla <> 'huvudbok'
        or jamforelser.kostnadsslag <> 'placeringar'
        or (jamforelser.jamforelse = 'budget') = (underlag.del = 'totalt')
),

sidor as (
    select
        delar.*,
        coalesce(nu.kostnad_kr, 0) as kostnad_kr,
        coalesce(bas.kostnad_kr, 0) as bas_kostnad_kr,
        coalesce(nu.volym, 0) as volym,
        coalesce(bas.volym, 0) as bas_volym,
        nu.n,
        bas.n as bas_n
    from delar
    left join underlag as nu
        on
            delar.kommun_kod = nu.kommun_kod
            and delar.kostnadsslag = nu.kostnadsslag
            and delar.kalla = nu.kalla
            and delar.del = nu.del
            and delar.ar = nu.ar
            and delar.manad = nu.manad
            and delar.version = nu.version
    left join underlag as bas
        on
            delar.kommun_kod = bas.kommun_kod
            and delar.kostnadsslag = bas.kostnadsslag
            and delar.kalla = bas.kalla
            and delar.del = bas.del
            and delar.bas_ar = bas.ar
            and delar.manad = bas.manad
            and delar.bas_version = bas.version
),

helheter as (
    select
        *,
        sum(volym) over helheten as hel_volym,
        sum(bas_volym) over helheten as hel_bas_volym
    from sidor
    window
        helheten as (
            partition by kommun_kod, kostnadsslag, kalla, ar, manad, version, jamforelse
        )
),

delade as (
    select
        *,
        kostnad_kr - bas_kostnad_kr as forandring_kr,
        -- (volume - base volume) x base price; a part without base has this year's
        -- price.
        cast(round(
            case
                when bas_volym > 0
                    then bas_kostnad_kr * {{ kvot('volym - bas_volym', 'bas_volym') }}
                when volym > 0 then kostnad_kr
                else 0
            end, 2
        ) as {{ typ_belopp() }}) as volym_och_mix_kr,
        case
            when bas_volym > 0 and volym > 0 then 0
            when bas_volym > 0 then kostnad_kr
            when volym > 0 then -1 * bas_kostnad_kr
            else kostnad_kr - bas_kostnad_kr
        end as ofordelat_kr,
        cast(round(
            case
                when bas_volym > 0
                    then
                        bas_kostnad_kr
                        * {{ kvot('hel_volym - hel_bas_volym', 'hel_bas_volym') }}
                else 0
            end, 2
        ) as {{ typ_belopp() }}) as vid_oforandrad_mix_kr,
        count(*) over (
            partition by kommun_kod, kostnadsslag, kalla, ar, manad, version, jamforelse
        ) as antal_delar
    from helheter
)

select
    kommun_kod,
    kostnadsslag,
    kalla,
    ar,
    manad,
    version,
    jamforelse,
    bas_ar,
    bas_version,
    del,
    antal_delar,
    volymenhet,
    bas_volym,
    volym,
    bas_n,
    n,
    bas_kostnad_kr,
    kostnad_kr,
    forandring_kr,
    -- One part has no mix.
    case when antal_delar = 1 then volym_och_mix_kr else vid_oforandrad_mix_kr end
        as volymeffekt_kr,
    case when antal_delar = 1 then 0 else volym_och_mix_kr - vid_oforandrad_mix_kr end
        as mixeffekt_kr,
    forandring_kr - volym_och_mix_kr - ofordelat_kr as priseffekt_kr,
    ofordelat_kr
from delade
