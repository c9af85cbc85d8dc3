-- Net and gross cost per month, from January, and for the year (all twelve months, or a
-- table of whole years). A month that is not delivered is not 0: nothing is summed over it.
with namnd as (
    select * from {{ ref('int_ekonomi__namnd') }}
),

levererade_manader as (
    select
        kommun_kod,
        ar,
        manad,
        row_number() over (partition by kommun_kod, ar order by manad) as ordning
    from namnd
    where manad is not null
    group by kommun_kod, ar, manad
),

levererat as (
    select
        namnd.kommun_kod,
        namnd.ar,
        count(distinct namnd.manad) as manader,
        max(namnd.manad) as sista_manad,
        max(levererade_manader.manad) as sista_obrutna_manad
    from namnd
    left join levererade_manader
        on
            namnd.kommun_kod = levererade_manader.kommun_kod
            and namnd.ar = levererade_manader.ar
            and namnd.manad = levererade_manader.manad
            and levererade_manader.manad = levererade_manader.ordning
    group by namnd.kommun_kod, namnd.ar
),

typer as (
    select 'manad' as periodtyp
    union all
    select 'ack' as periodtyp
    union all
    select 'ar' as periodtyp
),

perioder as (
    select
        levererat.kommun_kod,
        levererat.ar,
        kalender.manad_nr as slutmanad,
        typer.periodtyp
    from levererat
    inner join {{ ref('kalender') }} as kalender
        on levererat.ar = kalender.ar
    cross join typer
    where
        (typer.periodtyp = 'manad' and kalender.manad_nr <= levererat.sista_manad)
        or (
            typer.periodtyp = 'ack'
            and kalender.manad_nr <= levererat.sista_obrutna_manad
        )
        or (
            typer.periodtyp = 'ar'
            and kalender.manad_nr = 12
            and (levererat.manader = 12 or levererat.sista_manad is null)
        )
),

summor as (
    select
        perioder.kommun_kod,
        namnd.organisation,
        'T' as kon,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        perioder.periodtyp,
        'ok' as status,
        case
            when
                perioder.periodtyp = 'manad'
                then {{ manad_start('perioder.ar', 'perioder.slutmanad') }}
            else {{ ar_start('perioder.ar') }}
        end as period_start,
        {{ manad_slut('perioder.ar', 'perioder.slutmanad') }} as period_slut,
        sum(namnd.nettokostnad_kr) as nettokostnad_kr,
        case
            when
                count(namnd.bruttokostnad_kr) = count(*)
                then sum(namnd.bruttokostnad_kr)
        end as bruttokostnad_kr,
        sum(namnd.rader) as rader,
        case
            when
                min(namnd.forsta_leverans) = max(namnd.sista_leverans)
                then min(namnd.forsta_leverans)
        end
            as leverans_id
    from perioder
    inner join namnd
        on
            perioder.kommun_kod = namnd.kommun_kod
            and perioder.ar = namnd.ar
            and (
                (perioder.periodtyp = 'manad' and perioder.slutmanad = namnd.manad)
                or (perioder.periodtyp = 'ack' and perioder.slutmanad >= namnd.manad)
                or perioder.periodtyp = 'ar'
            )
    group by
        perioder.kommun_kod,
        namnd.organisation,
        perioder.periodtyp,
        perioder.ar,
        perioder.slutmanad
)

{{ nyckeltal_rader('summor', [
    {'id': 'eko_nettokostnad', 'taljare': 'nettokostnad_kr', 'n': 'rader'},
    {'id': 'eko_bruttokostnad', 'taljare': 'bruttokostnad_kr', 'n': 'rader'},
]) }}
