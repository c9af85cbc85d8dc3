{%- set tillfallen = (var('tillfalle_manader') + [12]) | unique | join(', ') -%}
-- Every period that a municipality's rows of a table cover without a gap, and nothing else: a year with a month
-- missing gives no yearly figure. r18 and r36 are windows that other periods need as background; they are never
-- reported themselves.
with omfattning as (
    select * from {{ ref('stg_register__omfattning') }}
    where tabell in ('forsorjningsstod', 'placeringar', 'utredningar', 'insatser')
),

leveranser as (
    select * from {{ ref('stg_register__leveranser') }}
),

kalender as (
    select * from {{ ref('kalender') }}
),

-- What a register tells about ends with the extract: at the date its file states, else at the last thing that
-- happened in it before it was received (planned ends lie in the future). A month counts when all of it is told.
registerdagar as (
    {%- for tabell, kolumner in [
        ('placeringar', ['start_dag', 'slut_dag']),
        ('utredningar', ['inkom_dag', 'inledd_dag', 'avslutad_dag']),
        ('insatser', ['start_dag', 'slut_dag']),
    ] %}
    {%- set utanfor = loop.last %}
    {%- for kolumn in kolumner %}
    select
        leverans_id,
        {{ kolumn }} as dag
    from {{ ref('stg_' ~ tabell ~ '__' ~ tabell) }}
    {%- if not (utanfor and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

sista_handelser as (
    select
        leveranser.leverans_id,
        max(registerdagar.dag) as dag
    from leveranser
    inner join registerdagar
        on
            leveranser.leverans_id = registerdagar.leverans_id
            and leveranser.mottagen_dag >= registerdagar.dag
    where leveranser.uttagen_dag is null
    group by leveranser.leverans_id
),

-- A register without years holds who was there during the extract and everything they had before it: until its first
-- case ended it tells only of those who stayed.
avslut as (
    {%- for tabell, kolumn in [
        ('placeringar', 'slut_dag'), ('utredningar', 'avslutad_dag'), ('insatser', 'slut_dag'),
    ] %}
    select
        leverans_id,
        min({{ kolumn }}) as forsta_dag
    from {{ ref('stg_' ~ tabell ~ '__' ~ tabell) }}
    group by leverans_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

leveransslut as (
    select
        leveranser.*,
        coalesce(leveranser.uttagen_dag, leveranser.mottagen_dag) as kand_till_dag,
        coalesce(
            leveranser.uttagen_dag, sista_handelser.dag, leveranser.period_till_dag
        ) as handelser_till_dag,
        coalesce(
            avslut.forsta_dag,
            leveranser.uttagen_dag,
            sista_handelser.dag,
            leveranser.period_till_dag
        ) as forsta_avslut_dag
    from leveranser
    left join sista_handelser
        on leveranser.leverans_id = sista_handelser.leverans_id
    left join avslut
        on leveranser.leverans_id = avslut.leverans_id
),

spann as (
    select
        omfattning.kommun_kod,
        omfattning.tabell,
        omfattning.leverans_id,
        leveransslut.preliminar,
        case
            when
                omfattning.omfattning = 'hela'
                and {{ days_between('period_fran_dag', 'forsta_avslut_dag') }}
                > {{ var('register_forsta_avslut_dagar') }}
                then leveransslut.forsta_avslut_dag
            when omfattning.omfattning = 'hela' then leveransslut.period_fran_dag
            when length(omfattning.omfattning) = 7
                then cast(omfattning.omfattning || '-01' as {{ typ_datum() }})
            else cast(omfattning.omfattning || '-01-01' as {{ typ_datum() }})
        end as fran_dag,
        case
            when omfattning.omfattning = 'hela' then leveransslut.handelser_till_dag
            when length(omfattning.omfattning) = 7
                then cast(omfattning.omfattning || '-01' as {{ typ_datum() }})
            else least(
                cast(omfattning.omfattning || '-12-31' as {{ typ_datum() }}),
                leveransslut.handelser_till_dag
            )
        end as till_dag,
        case
            when length(omfattning.omfattning) <> 7 then leveransslut.kand_till_dag
        end as kand_till_dag
    from omfattning
    inner join leveransslut
        on omfattning.leverans_id = leveransslut.leverans_id
),

tackta_manader as (
    select
        spann.kommun_kod,
        spann.tabell,
        kalender.manad,
        kalender.sista_dag,
        max(case when spann.preliminar then 1 else 0 end) as preliminar,
        min(spann.leverans_id) as forsta_leverans,
        max(spann.leverans_id) as sista_leverans
    from spann
    inner join kalender
        on
            spann.fran_dag <= kalender.sista_dag
            and spann.till_dag >= kalender.manad
            and coalesce(spann.kand_till_dag >= kalender.sista_dag, true)
    group by spann.kommun_kod, spann.tabell, kalender.manad, kalender.sista_dag
),

periodtyper as (
    select
        'manad' as periodtyp,
        1 as manader
    union all
    select
        'ack' as periodtyp,
        null as manader
    union all
    select
        'ar' as periodtyp,
        12 as manader
    union all
    select
        'halvar' as periodtyp,
        6 as manader
    union all
    select
        'r12' as periodtyp,
        12 as manader
    union all
    select
        'r18' as periodtyp,
        18 as manader
    union all
    select
        'r36' as periodtyp,
        36 as manader
),

fonster as (
    select
        periodtyper.periodtyp,
        kalender.ar,
        kalender.manad as slutmanad,
        kalender.sista_dag as period_slut,
        kalender.manad_nr in ({{ tillfallen }}) as tillfalle,
        coalesce(periodtyper.manader, kalender.manad_nr) as manader,
        {{ add_months_clamped(
            'kalender.manad', '1 - coalesce(periodtyper.manader, kalender.manad_nr)'
        ) }} as period_start
    from periodtyper
    inner join kalender
        on
            periodtyper.periodtyp in ('manad', 'ack')
            or (periodtyper.periodtyp = 'ar' and kalender.manad_nr = 12)
            or (periodtyper.periodtyp in ('halvar', 'r18') and kalender.manad_nr = 6)
            or (
                periodtyper.periodtyp in ('r12', 'r36')
                and kalender.manad_nr in ({{ tillfallen }})
            )
)

select
    tackta_manader.kommun_kod,
    tackta_manader.tabell,
    fonster.periodtyp,
    fonster.period_start,
    fonster.period_slut,
    fonster.ar,
    fonster.slutmanad,
    fonster.manader,
    {{ days_between('fonster.period_start', 'fonster.period_slut') }} + 1 as dagar,
    coalesce(
        fonster.periodtyp = 'ar' or (fonster.periodtyp = 'ack' and fonster.tillfalle),
        false
    ) as uppdelad,
    case
        when max(tackta_manader.preliminar) = 1 then 'preliminar' else 'ok'
    end as status,
    case
        when min(tackta_manader.forsta_leverans) = max(tackta_manader.sista_leverans)
            then min(tackta_manader.forsta_leverans)
    end as leverans_id
from fonster
inner join tackta_manader
    on
        fonster.period_start <= tackta_manader.manad
        and fonster.slutmanad >= tackta_manader.manad
group by
    tackta_manader.kommun_kod,
    tackta_manader.tabell,
    fonster.periodtyp,
    fonster.period_start,
    fonster.period_slut,
    fonster.ar,
    fonster.slutmanad,
    fonster.manader,
    fonster.tillfalle
having count(*) = fonster.manader
