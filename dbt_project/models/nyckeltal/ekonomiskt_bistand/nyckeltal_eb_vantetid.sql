-- Days from ansökan to beslut, one per application: the date is repeated on each of the household's months.
with rader as (
    select * from {{ ref('stg_forsorjningsstod__forsorjningsstod') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where
        tabell = 'forsorjningsstod'
        and periodtyp in ('manad', 'ack', 'ar', 'halvar')
),

kon_grupper as (
    select * from {{ ref('kon_grupper') }}
),

ansokningar as (
    select
        kommun_kod,
        hushall_id,
        ansokan_dag,
        min(beslut_dag) as beslut_dag,
        min(sokande_kon) as kon
    from rader
    where ansokan_dag is not null and beslut_dag >= ansokan_dag
    group by kommun_kod, hushall_id, ansokan_dag
),

dagar as (
    select
        ansokningar.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        kon_grupper.kon_redovisad as kon,
        {{ days_between('ansokningar.ansokan_dag', 'ansokningar.beslut_dag') }} as dagar
    from ansokningar
    inner join perioder
        on
            ansokningar.kommun_kod = perioder.kommun_kod
            and extract(year from ansokningar.beslut_dag) = perioder.ar
            and ansokningar.beslut_dag >= perioder.period_start
            and ansokningar.beslut_dag <= perioder.period_slut
    inner join kon_grupper
        on ansokningar.kon = kon_grupper.kon
),

{%- set matt = ['beslut', 'vantedagar', 'over_grans', 'mediandagar'] %}

summor as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'Totalt' as organisation,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        count(*) as beslut,
        sum(dagar) as vantedagar,
        sum(
            case when dagar > {{ var('eb_vantetid_grans_dagar') }} then 1 else 0 end
        ) as over_grans,
        {{ median('dagar') }} as mediandagar
    from dagar
    group by kommun_kod, periodtyp, period_slut, kon
),

rutor as (
    {{ rutor('summor', 'perioder', matt) }}
)

{{ nyckeltal_rader('rutor', [
    {'id': 'eb_vantetid_medel', 'taljare': 'vantedagar', 'namnare': 'beslut', 'n': 'beslut'},
    {'id': 'eb_vantetid_median', 'varde': 'mediandagar', 'n': 'beslut'},
    {
        'id': 'eb_vantetid_over_14', 'taljare': 'over_grans', 'namnare': 'beslut',
        'faktor': 100, 'n': 'beslut',
    },
]) }}
