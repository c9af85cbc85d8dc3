-- Whether the figure has changed since last year by more than noise, beside and never
-- instead of the rating.
--   andelar        a share: Newcombe's interval for the difference of two shares (built
--                  on Wilson's) leaves 0 outside. The number of units is n where it is
--                  smaller than the denominator: days of one person are not many trials.
--   styrdiagram    a monthly series with 12 to 24 months before the year: a month of the
--                  year outside mean +- 2.66 mean moving ranges (XmR), or the eight
--                  latest months on one side of the mean.
with utfall as (
    select * from {{ ref('int_mal__utfall') }}
),

varden as (
    select * from {{ ref('int_mal__varden') }}
),

enheter as (
    select
        kommun_kod,
        nyckeltal_id as matt_id,
        period_slut,
        periodtyp,
        max(n) as n
    from {{ ref('int_nyckeltal__alla') }}
    where
        organisation = 'Totalt'
        and kon = 'T'
        and alder = 'totalt'
        and indelning = 'totalt'
    group by kommun_kod, nyckeltal_id, period_slut, periodtyp
),

riktade as (
    select
        utfall.kommun_kod,
        utfall.ar,
        utfall.tillfalle,
        utfall.tillfalle_slut,
        utfall.mal_id,
        utfall.matt_nyckel,
        utfall.matt_id,
        utfall.period_slut,
        utfall.periodtyp,
        utfall.taljare,
        utfall.namnare,
        case
            when
                utfall.riktning in ('minst', 'mer_an', 'okning', 'hog_niva', 'alla')
                then 1
            when
                utfall.riktning in (
                    'hogst', 'mindre_an', 'minskning', 'lag_niva', 'ingen'
                )
                then -1
            when katalog.riktning = 'hog_bra' then 1
            when katalog.riktning = 'lag_bra' then -1
        end as bra_riktning,
        coalesce(
            katalog.vardetyp = 'andel',
            utfall.utfall_enhet = ' %' and utfall.namnare is not null
        ) as ar_andel
    from utfall
    left join {{ ref('stg_register__katalog') }} as katalog
        on utfall.matt_id = katalog.nyckeltal_id
    where utfall.utfall is not null
),

andelspar as (
    select
        riktade.*,
        {{ kvot('riktade.taljare', 'riktade.namnare') }} as p_nu,
        {{ kvot('foregaende.taljare', 'foregaende.namnare') }} as p_da,
        least(riktade.namnare, coalesce(enheter_nu.n, riktade.namnare)) as n_nu,
        least(foregaende.namnare, coalesce(enheter_da.n, foregaende.namnare)) as n_da
    from riktade
    inner join varden as foregaende
        on
            riktade.kommun_kod = foregaende.kommun_kod
            and riktade.matt_id = foregaende.matt_id
            and riktade.periodtyp = foregaende.periodtyp
            and {{ month_number('riktade.period_slut') }} - 12 = foregaende.manadsnummer
    left join enheter as enheter_nu
        on
            riktade.kommun_kod = enheter_nu.kommun_kod
            and riktade.matt_id = enheter_nu.matt_id
            and riktade.periodtyp = enheter_nu.periodtyp
            and riktade.period_slut = enheter_nu.period_slut
    left join enheter as enheter_da
        on
            foregaende.kommun_kod = enheter_da.kommun_kod
            and foregaende.matt_id = enheter_da.matt_id
            and foregaende.periodtyp = enheter_da.periodtyp
            and foregaende.period_slut = enheter_da.period_slut
    where
        riktade.ar_andel
        and riktade.namnare > 0
        and foregaende.namnare > 0
        and riktade.taljare between 0 and riktade.namnare
        and foregaende.taljare between 0 and foregaende.namnare
),

wilson as (
    select
        *,
        {{ wilson_lag('(p_nu * n_nu)', 'n_nu') }} / 100 as lag_nu,
        {{ wilson_hog('(p_nu * n_nu)', 'n_nu') }} / 100 as hog_nu,
        {{ wilson_lag('(p_da * n_da)', 'n_da') }} / 100 as lag_da,
        {{ wilson_hog('(p_da * n_da)', 'n_da') }} / 100 as hog_da
    from andelspar
    where n_nu > 0 and n_da > 0
),

andelar as (
    select
        kommun_kod,
        ar,
        tillfalle,
        mal_id,
        matt_nyckel,
        case
            when
                p_nu - p_da
                > sqrt(power(p_nu - lag_nu, 2) + power(hog_da - p_da, 2))
                then 1
            when
                p_da - p_nu
                > sqrt(power(hog_nu - p_nu, 2) + power(p_da - lag_da, 2))
                then -1
            else 0
        end as forandring
    from wilson
),

manader as (
    select
        kommun_kod,
        matt_id,
        period_slut,
        manadsnummer,
        varde,
        case
            when
                lag(manadsnummer) over serien = manadsnummer - 1
                then abs(varde - lag(varde) over serien)
        end as rorlighet
    from varden
    where periodtyp = 'manad' and varde is not null
    window serien as (partition by kommun_kod, matt_id order by manadsnummer)
),

-- Months counted from the occasion back: 0 is its own.
numrerade as (
    select
        riktade.kommun_kod,
        riktade.ar,
        riktade.tillfalle,
        riktade.mal_id,
        riktade.matt_nyckel,
        manader.varde,
        manader.rorlighet,
        {{ month_number('riktade.tillfalle_slut') }} - manader.manadsnummer as bakat,
        extract(year from manader.period_slut) = riktade.ar as i_ar
    from riktade
    inner join manader
        on
            riktade.kommun_kod = manader.kommun_kod
            and riktade.matt_id = manader.matt_id
            and riktade.tillfalle_slut >= manader.period_slut
            and riktade.ar - 2 <= extract(year from manader.period_slut)
),

granser as (
    select
        kommun_kod,
        ar,
        tillfalle,
        mal_id,
        matt_nyckel,
        {{ ordningslos_summa('varde') }} / count(varde) as mitt,
        2.66 * {{ ordningslos_summa('rorlighet') }} / count(rorlighet) as bredd
    from numrerade
    where not i_ar
    group by kommun_kod, ar, tillfalle, mal_id, matt_nyckel
    having count(*) >= 12 and count(rorlighet) >= 11
),

styrdiagram as (
    select
        numrerade.kommun_kod,
        numrerade.ar,
        numrerade.tillfalle,
        numrerade.mal_id,
        numrerade.matt_nyckel,
        max(case when i_ar and varde > mitt + bredd then 1 else 0 end) as hoga,
        max(case when i_ar and varde < mitt - bredd then 1 else 0 end) as laga,
        sum(case when bakat < 8 and varde > mitt then 1 else 0 end) as senaste_over,
        sum(case when bakat < 8 and varde < mitt then 1 else 0 end) as senaste_under,
        sum(case when bakat = 0 then 1 else 0 end) as har_senaste
    from numrerade
    inner join granser
        on
            numrerade.kommun_kod = granser.kommun_kod
            and numrerade.ar = granser.ar
            and numrerade.tillfalle = granser.tillfalle
            and numrerade.mal_id = granser.mal_id
            and numrerade.matt_nyckel = granser.matt_nyckel
    group by
        numrerade.kommun_kod,
        numrerade.ar,
        numrerade.tillfalle,
        numrerade.mal_id,
        numrerade.matt_nyckel
),

forandringar as (
    select
        riktade.kommun_kod,
        riktade.ar,
        riktade.tillfalle,
        riktade.mal_id,
        riktade.matt_nyckel,
        riktade.bra_riktning,
        case
            when andelar.forandring is not null then 'andelar'
            when styrdiagram.har_senaste = 1 then 'styrdiagram'
        end as trend_metod,
        coalesce(
            andelar.forandring,
            case
                when styrdiagram.har_senaste = 0 then null
                when styrdiagram.hoga > styrdiagram.laga then 1
                when styrdiagram.hoga < styrdiagram.laga then -1
                when styrdiagram.hoga = 1 then 0
                when styrdiagram.senaste_over = 8 then 1
                when styrdiagram.senaste_under = 8 then -1
                when styrdiagram.hoga = 0 then 0
            end
        ) as forandring
    from riktade
    left join andelar
        on
            riktade.kommun_kod = andelar.kommun_kod
            and riktade.ar = andelar.ar
            and riktade.tillfalle = andelar.tillfalle
            and riktade.mal_id = andelar.mal_id
            and riktade.matt_nyckel = andelar.matt_nyckel
    left join styrdiagram
        on
            riktade.kommun_kod = styrdiagram.kommun_kod
            and riktade.ar = styrdiagram.ar
            and riktade.tillfalle = styrdiagram.tillfalle
            and riktade.mal_id = styrdiagram.mal_id
            and riktade.matt_nyckel = styrdiagram.matt_nyckel
)

select
    kommun_kod,
    ar,
    tillfalle,
    mal_id,
    matt_nyckel,
    trend_metod,
    case
        when forandring = 0 then 'ingen säker förändring'
        when forandring = bra_riktning then 'förbättring'
        when forandring = -1 * bra_riktning then 'försämring'
        else 'kan ej bedömas'
    end as trend
from forandringar
