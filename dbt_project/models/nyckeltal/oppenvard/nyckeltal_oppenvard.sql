-- Open care: persons net, measures, length of the ended ones, and its share against placements.
with insatser as (
    select
        insatser.*,
        min(kon) over (partition by kommun_kod, person_id) as person_kon,
        max(fodelsear) over (partition by kommun_kod, person_id) as person_fodelsear
    from {{ ref('stg_insatser__insatser') }} as insatser
),

placeringar as (
    select * from {{ ref('int_placeringar__vardperioder') }} where indelning = 'totalt'
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'insatser' and periodtyp in ('manad', 'ack', 'ar')
),

{%- set indelningar = ['enhet', 'slag', 'regi', 'malgrupp'] %}
{%- set insatsmatt = ['insatser', 'avslutade', 'dagar_avslutade'] %}
{%- set personmatt = ['personer', 'vardade', 'vardade_oppenvard'] %}

insatser_i_period as (
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_start,
        perioder.period_slut,
        perioder.uppdelad,
        perioder.ar,
        insatser.person_id,
        insatser.person_kon as kon,
        insatser.person_fodelsear as fodelsear,
        insatser.enhet,
        insatser.slag,
        insatser.regi,
        insatser.malgrupp,
        insatser.start_dag,
        insatser.slut_dag
    from insatser
    inner join perioder
        on
            insatser.kommun_kod = perioder.kommun_kod
            and insatser.start_dag <= perioder.period_slut
            and coalesce(insatser.slut_dag >= perioder.period_start, true)
),

insatser_fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        enhet,
        slag,
        regi,
        malgrupp,
        {{ finband('ar - fodelsear') }} as finband,
        count(*) as insatser,
        sum(case when slut_dag <= period_slut then 1 else 0 end) as avslutade,
        sum(
            case
                when slut_dag <= period_slut
                    then {{ days_between('start_dag', 'slut_dag') }} + 1
                else 0
            end
        ) as dagar_avslutade
    from insatser_i_period
    group by
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        enhet,
        slag,
        regi,
        malgrupp,
        {{ finband('ar - fodelsear') }}
    union all
    {{ nollrader('perioder', indelningar + ['finband'], insatsmatt) }}
),

insatssummor as (
    {{ snitt(
        'insatser_fina', insatsmatt, indelningar=['slag', 'regi', 'malgrupp'],
        omrade='placeringar', enhet='enhet'
    ) }}
),

insatsrutor as (
    {{ rutor('insatssummor', 'perioder', insatsmatt) }}
),

-- A person with two measures is one person, in the whole and in each kind.
oppenvardspersoner as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        person_id,
        kon,
        ar - fodelsear as alder
    from insatser_i_period
    {%- for indelning in indelningar %}
    union
    select
        kommun_kod,
        periodtyp,
        period_slut,
        '{{ indelning }}' as indelning,
        {{ indelning }} as indelning_varde,
        person_id,
        kon,
        ar - fodelsear as alder
    from insatser_i_period
    where uppdelad
    {%- endfor %}
),

-- Only where both registers cover the period can the two kinds of care be weighed against each other.
gemensamma_perioder as (
    select perioder.*
    from perioder
    inner join {{ ref('int_kalender__perioder') }} as placeringsperioder
        on
            perioder.kommun_kod = placeringsperioder.kommun_kod
            and perioder.periodtyp = placeringsperioder.periodtyp
            and perioder.period_slut = placeringsperioder.period_slut
            and placeringsperioder.tabell = 'placeringar'
),

nagon_vard as (
    select
        gemensamma_perioder.kommun_kod,
        gemensamma_perioder.periodtyp,
        gemensamma_perioder.period_slut,
        placeringar.person_id,
        placeringar.kon,
        gemensamma_perioder.ar - placeringar.fodelsear as alder,
        0 as oppenvard
    from placeringar
    inner join gemensamma_perioder
        on
            placeringar.kommun_kod = gemensamma_perioder.kommun_kod
            and placeringar.start_dag <= gemensamma_perioder.period_slut
            and placeringar.slut_dag >= gemensamma_perioder.period_start
    union all
    select
        oppenvardspersoner.kommun_kod,
        oppenvardspersoner.periodtyp,
        oppenvardspersoner.period_slut,
        oppenvardspersoner.person_id,
        oppenvardspersoner.kon,
        oppenvardspersoner.alder,
        1 as oppenvard
    from oppenvardspersoner
    inner join gemensamma_perioder
        on
            oppenvardspersoner.kommun_kod = gemensamma_perioder.kommun_kod
            and oppenvardspersoner.periodtyp = gemensamma_perioder.periodtyp
            and oppenvardspersoner.period_slut = gemensamma_perioder.period_slut
    where oppenvardspersoner.indelning = 'totalt'
),

personer_med_vard as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        person_id,
        min(kon) as kon,
        min(alder) as alder,
        max(oppenvard) as oppenvard
    from nagon_vard
    group by kommun_kod, periodtyp, period_slut, person_id
),

personer_fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        indelning,
        indelning_varde,
        {{ finband('alder') }} as finband,
        count(*) as personer,
        0 as vardade,
        0 as vardade_oppenvard
    from oppenvardspersoner
    group by
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        indelning,
        indelning_varde,
        {{ finband('alder') }}
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        {{ finband('alder') }} as finband,
        0 as personer,
        count(*) as vardade,
        sum(oppenvard) as vardade_oppenvard
    from personer_med_vard
    group by kommun_kod, periodtyp, period_slut, kon, {{ finband('alder') }}
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
        vardade,
        vardade_oppenvard
    from (
        {{ nollrader('perioder', ['finband'], personmatt) }}
    ) as noll
),

personsummor as (
    {{ snitt_lang('personer_fina', personmatt, 'placeringar') }}
),

personrutor as (
    select * from (
        {{ rutor('personsummor', 'perioder', personmatt) }}
    ) as alla
    where alder = 'totalt' or (organisation = 'Totalt' and indelning = 'totalt')
),

-- Kolada asks for those with a measure on 1 November.
forsta_november as (
    select
        perioder.kommun_kod,
        'Totalt' as organisation,
        kon_grupper.kon_redovisad as kon,
        '0-20' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        perioder.period_start,
        perioder.period_start as period_slut,
        'tidpunkt' as periodtyp,
        perioder.status,
        perioder.leverans_id,
        count(distinct insatser.person_id) as personer
    from perioder
    cross join {{ ref('kon_grupper') }} as kon_grupper
    left join insatser
        on
            perioder.kommun_kod = insatser.kommun_kod
            and kon_grupper.kon = insatser.person_kon
            and insatser.start_dag <= perioder.period_start
            and coalesce(insatser.slut_dag >= perioder.period_start, true)
            and perioder.ar - insatser.person_fodelsear <= 20
    where
        perioder.periodtyp = 'manad' and extract(month from perioder.slutmanad) = 11
    group by
        perioder.kommun_kod,
        kon_grupper.kon_redovisad,
        perioder.period_start,
        perioder.status,
        perioder.leverans_id
)

{{ nyckeltal_rader('personrutor', [
    {'id': 'opp_personer', 'taljare': 'personer', 'n': 'personer'},
    {
        'id': 'opp_andel_oppenvard', 'taljare': 'vardade_oppenvard', 'namnare': 'vardade',
        'faktor': 100, 'n': 'vardade',
        'om': "organisation = 'Totalt' and indelning = 'totalt'",
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
