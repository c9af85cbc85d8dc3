-- Open care: persons net, measures, length of the ended ones, and its share against placements.
with insatser as (
    select * from {{ ref('stg_insatser__insatser') }}
),

vardperioder as (
    select * from {{ ref('int_oppenvard__vardperioder') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'insatser' and periodtyp in ('manad', 'ack', 'ar')
),

manader as (
    select * from perioder
    where periodtyp = 'manad'
),

-- Only where both registers cover the period can the two kinds of care be weighed against each other.
placeringsperioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'placeringar'
),

{%- set dimensioner = ['enhet', 'slag', 'regi', 'malgrupp', 'finband'] %}
{%- set floden = ['avslutade', 'dagar_avslutade'] %}
{%- set insatsmatt = floden + ['insatser'] %}
{%- set manadsmatt = floden + ['insatser_i_manaden', 'insatser_nya_i_aret'] %}
{%- set personmatt = ['personer', 'vardade'] %}

insatsmanader as (
    select
        insatser.*,
        manader.period_start,
        manader.period_slut,
        {{ finband('manader.ar - insatser.fodelsear') }} as finband
    from insatser
    inner join manader
        on
            insatser.kommun_kod = manader.kommun_kod
            and insatser.start_dag <= manader.period_slut
            and coalesce(insatser.slut_dag >= manader.period_start, true)
),

insatser_fina as (
    select
        kommun_kod,
        'manad' as periodtyp,
        period_slut,
        kon,
        enhet,
        slag,
        regi,
        malgrupp,
        finband,
        sum(case when slut_dag <= period_slut then 1 else 0 end) as avslutade,
        sum(
            case
                when slut_dag <= period_slut
                    then {{ days_between('start_dag', 'slut_dag') }} + 1
                else 0
            end
        ) as dagar_avslutade,
        count(*) as insatser_i_manaden,
        sum(
            case
                when
                    start_dag >= period_start or extract(month from period_start) = 1
                    then 1
                else 0
            end
        ) as insatser_nya_i_aret
    from insatsmanader
    group by kommun_kod, period_slut, kon, enhet, slag, regi, malgrupp, finband
    union all
    {{ nollrader('manader', dimensioner, manadsmatt) }}
),

insatser_manadssummor as (
    {{ snitt(
        'insatser_fina', manadsmatt, indelningar=['slag', 'regi', 'malgrupp'],
        omrade='placeringar', enhet='enhet'
    ) }}
),

insatssummor as (
    {{ manader_till_perioder(
        'insatser_manadssummor', 'perioder', floden=floden,
        forsta=[('insatser', 'insatser_i_manaden', 'insatser_nya_i_aret')],
    ) }}
),

insatsrutor as (
    {{ rutor('insatssummor', 'perioder', insatsmatt) }}
),

raknade as (
    {{ rakna_vardperioder(
        'vardperioder', 'perioder', helheter=['totalt', 'nagon_vard']
    ) }}
),

personer_med_ar as (
    {{ med_helar(
        'raknade', 'perioder', ['indelning', 'indelning_varde', 'finband'], ['personer']
    ) }}
),

personer_fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        case when indelning = 'nagon_vard' then 'totalt' else indelning end
            as indelning,
        indelning_varde,
        finband,
        case when indelning = 'nagon_vard' then 0 else personer end as personer,
        case when indelning = 'nagon_vard' then personer else 0 end as vardade
    from personer_med_ar
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        finband,
        personer,
        vardade
    from (
        {{ nollrader('perioder', ['finband'], personmatt) }}
    ) as noll
),

personsummor as (
    {{ snitt_lang('personer_fina', personmatt, 'placeringar') }}
),

alla_personrutor as (
    {{ rutor('personsummor', 'perioder', personmatt) }}
),

personrutor as (
    select
        alla_personrutor.*,
        placeringsperioder.period_slut is not null as bada_tackta
    from alla_personrutor
    left join placeringsperioder
        on
            alla_personrutor.kommun_kod = placeringsperioder.kommun_kod
            and alla_personrutor.periodtyp = placeringsperioder.periodtyp
            and alla_personrutor.period_slut = placeringsperioder.period_slut
    where
        alla_personrutor.alder = 'totalt'
        or (
            alla_personrutor.organisation = 'Totalt'
            and alla_personrutor.indelning = 'totalt'
        )
),

-- Kolada asks for those with a measure on 1 November that was granted after a trial of need: service is none.
forsta_november as (
    select
        manader.kommun_kod,
        'Totalt' as organisation,
        kon_grupper.kon_redovisad as kon,
        '0-20' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        manader.period_start,
        manader.period_start as period_slut,
        'tidpunkt' as periodtyp,
        manader.status,
        manader.leverans_id,
        count(distinct vardperioder.person_nr) as personer
    from manader
    cross join {{ ref('kon_grupper') }} as kon_grupper
    left join vardperioder
        on
            manader.kommun_kod = vardperioder.kommun_kod
            and kon_grupper.kon = vardperioder.kon
            and vardperioder.indelning = 'slag'
            and vardperioder.indelning_varde <> 'service'
            and manader.period_start >= vardperioder.start_dag
            and manader.period_start <= vardperioder.slut_dag
            and manader.ar - vardperioder.fodelsear <= 20
    where extract(month from manader.period_start) = 11
    group by
        manader.kommun_kod,
        kon_grupper.kon_redovisad,
        manader.period_start,
        manader.status,
        manader.leverans_id
)

{{ nyckeltal_rader('personrutor', [
    {'id': 'opp_personer', 'taljare': 'personer', 'n': 'personer'},
    {
        'id': 'opp_andel_oppenvard', 'taljare': 'personer', 'namnare': 'vardade',
        'faktor': 100, 'n': 'vardade',
        'om': "bada_tackta and organisation = 'Totalt' and indelning = 'totalt'",
    },
]) }}
union all
{{ nyckeltal_rader('insatsrutor', [
    {'id': 'opp_insatser', 'taljare': 'insatser', 'n': 'insatser'},
    {'id': 'opp_avslutade', 'taljare': 'avslutade', 'n': 'avslutade'},
    {
        'id': 'opp_medelstodtid', 'taljare': 'dagar_avslutade / 30.4375',
        'namnare': 'avslutade', 'n': 'avslutade',
    },
]) }}
union all
{{ nyckeltal_rader('forsta_november', [
    {'id': 'opp_personer_1_nov', 'taljare': 'personer', 'n': 'personer'},
]) }}
