-- The figure each indicator is judged by at its occasion, last year's of the same kind,
-- and the comparison group's. Running figures must end with the occasion; a yearly or
-- half-yearly one may have ended earlier in the year.
with indikatorer as (
    select * from {{ ref('int_mal__indikatorer') }}
),

varden as (
    select * from {{ ref('int_mal__varden') }}
),

kandidater as (
    select
        indikatorer.kommun_kod,
        indikatorer.ar,
        indikatorer.tillfalle,
        indikatorer.mal_id,
        indikatorer.matt_nyckel,
        varden.period_slut,
        varden.periodtyp,
        varden.manadsnummer,
        varden.taljare,
        varden.namnare,
        varden.varde,
        varden.status,
        row_number() over (
            partition by
                indikatorer.kommun_kod,
                indikatorer.ar,
                indikatorer.tillfalle,
                indikatorer.mal_id,
                indikatorer.matt_nyckel
            order by
                case varden.periodtyp
                    when 'ar' then 1
                    when 'ack' then 2
                    when 'r12' then 3
                    when 'tidpunkt' then 4
                    when 'manad' then 5
                    else 6
                end,
                varden.period_slut desc
        ) as ordning
    from indikatorer
    inner join varden
        on
            indikatorer.kommun_kod = varden.kommun_kod
            and indikatorer.matt_id = varden.matt_id
            and extract(year from varden.period_slut) = indikatorer.ar
            and (
                indikatorer.tillfalle_slut = varden.period_slut
                or (
                    varden.periodtyp in ('ar', 'halvar')
                    and indikatorer.tillfalle_slut > varden.period_slut
                )
            )
),

senaste as (
    select
        kommun_kod,
        matt_id,
        max(period_slut) as period_slut
    from varden
    where varde is not null
    group by kommun_kod, matt_id
),

jamforelser as (
    select
        *,
        row_number()
            over (partition by kommun_kod, matt_id, ar order by grupp asc)
            as ordning
    from {{ ref('int_mal__jamforelsevarden') }}
)

select
    indikatorer.*,
    kandidater.period_slut,
    kandidater.periodtyp,
    kandidater.taljare,
    kandidater.namnare,
    -- "Alla" is judged on the share, also where the mått itself is given in other
    -- words.
    case
        when indikatorer.riktning = 'alla' and kandidater.namnare > 0
            then 100 * kandidater.taljare / kandidater.namnare
        else kandidater.varde
    end as utfall,
    kandidater.status as utfall_status,
    foregaende.varde as utfall_foregaende,
    case
        when indikatorer.riktning = 'alla' and kandidater.namnare > 0 then ' %'
        else indikatorer.enhet_text
    end as utfall_enhet,
    senaste.period_slut as senaste_period_slut,
    coalesce(i_ar.ar, i_fjol.ar) as jamforelse_ar,
    coalesce(i_ar.grupp, i_fjol.grupp) as grupp,
    coalesce(i_ar.grupp_median, i_fjol.grupp_median) as grupp_median
from indikatorer
left join kandidater
    on
        indikatorer.kommun_kod = kandidater.kommun_kod
        and indikatorer.ar = kandidater.ar
        and indikatorer.tillfalle = kandidater.tillfalle
        and indikatorer.mal_id = kandidater.mal_id
        and indikatorer.matt_nyckel = kandidater.matt_nyckel
        and kandidater.ordning = 1
left join varden as foregaende
    on
        indikatorer.kommun_kod = foregaende.kommun_kod
        and indikatorer.matt_id = foregaende.matt_id
        and kandidater.periodtyp = foregaende.periodtyp
        and kandidater.manadsnummer - 12 = foregaende.manadsnummer
left join senaste
    on
        indikatorer.kommun_kod = senaste.kommun_kod
        and indikatorer.matt_id = senaste.matt_id
left join jamforelser as i_ar
    on
        indikatorer.kommun_kod = i_ar.kommun_kod
        and indikatorer.matt_id = i_ar.matt_id
        and indikatorer.ar = i_ar.ar
        and i_ar.ordning = 1
left join jamforelser as i_fjol
    on
        indikatorer.kommun_kod = i_fjol.kommun_kod
        and indikatorer.matt_id = i_fjol.matt_id
        and indikatorer.ar - 1 = i_fjol.ar
        and i_fjol.ordning = 1
