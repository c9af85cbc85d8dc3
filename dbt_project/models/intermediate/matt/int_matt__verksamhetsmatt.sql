-- Delivered figures in the shape of the mart verksamhetsmatt. A mått without a
-- catalogue id gets one from the names of its table, area, målgrupp and itself, which
-- is the same as long as the table prints them the same.
with matt as (
    select
        stg.*,
        coalesce(stg.manad, 12) as slutmanad,
        coalesce(
            stg.matt_id,
            {{ slug('stg.tabell') }}
            || coalesce('__' || {{ slug('stg.omrade') }}, '')
            || coalesce('__' || {{ slug('stg.malgrupp') }}, '')
            || '__' || {{ slug('stg.matt') }}
        ) as id
    from {{ ref('stg_matt__matt') }} as stg
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
)

select
    matt.kommun_kod,
    coalesce(kommuner.kommun, matt.kommun_kod) as kommun,
    matt.id as matt_id,
    matt.matt,
    matt.omrade,
    matt.enhet,
    matt.organisation,
    matt.malgrupp,
    matt.kon,
    matt.tabell,
    case matt.periodtyp
        when 'manad' then {{ manad_start('matt.ar', 'matt.slutmanad') }}
        when 'r12' then {{ manad_start('matt.ar', 'matt.slutmanad - 11') }}
        when 'tidpunkt' then {{ manad_slut('matt.ar', 'matt.slutmanad') }}
        else {{ ar_start('matt.ar') }}
    end as period_start,
    case matt.periodtyp
        when 'ar' then {{ ar_slut('matt.ar') }}
        else {{ manad_slut('matt.ar', 'matt.slutmanad') }}
    end as period_slut,
    matt.periodtyp,
    matt.version,
    matt.taljare,
    matt.namnare,
    matt.varde,
    matt.status,
    coalesce(matt.kalla, matt.tabell) as kalla,
    matt.leverans_id,
    matt.rad
from matt
left join kommuner
    on matt.kommun_kod = kommuner.kommun_kod
