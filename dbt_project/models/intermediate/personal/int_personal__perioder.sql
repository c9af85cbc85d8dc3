-- The months' sums per period: the month, January to the month, the year, and the
-- twelve months that end with it. A period exists only when every one of its months has
-- been delivered.
with manader as (
    select * from {{ ref('int_personal__manader') }}
),

typer as (
    select 'manad' as periodtyp
    union all
    select 'r12' as periodtyp
    union all
    select 'ack' as periodtyp
    union all
    select 'ar' as periodtyp
),

perioder as (
    select
        slut.kommun_kod,
        slut.organisation,
        slut.kon,
        slut.manad as slutmanad,
        typer.periodtyp,
        case typer.periodtyp
            when 'manad' then slut.manad
            when 'r12' then {{ add_months_clamped('slut.manad', -11) }}
            else {{ ar_start('cast(extract(year from slut.manad) as integer)') }}
        end as startmanad
    from manader as slut
    cross join typer
    where typer.periodtyp <> 'ar' or extract(month from slut.manad) = 12
),

summor as (
    select
        perioder.kommun_kod,
        perioder.organisation,
        perioder.kon,
        perioder.startmanad,
        perioder.slutmanad,
        perioder.periodtyp,
{% for matt in [
    'sjuk_timmar', 'sjuk_timmar_1_14', 'sjuk_timmar_60', 'sjuk_timmar_180', 'ordinarie_timmar', 'borjat', 'slutat',
] %}
        case
            when count(manader.{{ matt }}) = count(*)
                then cast(sum(manader.{{ matt }}) as {{ typ_double() }})
        end
            as {{ matt }},
        {% endfor %}
        case
            when count(manader.anstallda) = count(*)
                then cast(sum(manader.anstallda) as {{ typ_double() }})
        end
        / count(*) as medelantal_anstallda,
        {% for matt in ['anstallda', 'arsarbetare', 'chefer'] %}
        cast(max(
            case when manader.manad = perioder.slutmanad then manader.{{ matt }} end
        ) as {{ typ_double() }}) as {{ matt }},
        {% endfor %}
        count(*) as antal_manader,
        case
            when
                min(manader.leverans_id) = max(manader.leverans_id)
                then min(manader.leverans_id)
        end
            as leverans_id
    from perioder
    inner join manader
        on
            perioder.kommun_kod = manader.kommun_kod
            and perioder.organisation = manader.organisation
            and perioder.kon = manader.kon
            and manader.manad between perioder.startmanad and perioder.slutmanad
    group by
        perioder.kommun_kod, perioder.organisation, perioder.kon, perioder.startmanad,
        perioder.slutmanad, perioder.periodtyp
),

senaste as (
    select
        kommun_kod,
        max(manad) as manad
    from manader
    group by kommun_kod
)

select
    summor.*,
    {{ add_days(add_months_clamped('summor.slutmanad', 1), -1) }} as period_slut,
    -- The last month's absence is registered late: 70-80 % complete when it is
    -- delivered.
    case when summor.slutmanad = senaste.manad then 'preliminar' else 'ok' end as status
from summor
inner join senaste
    on summor.kommun_kod = senaste.kommun_kod
where
    summor.antal_manader
    = {{ month_number('summor.slutmanad') }}
    - {{ month_number('summor.startmanad') }}
    + 1
