-- What is counted per placement, not per person: started, ended, length of the ended ones, price times days.
with placeringar as (
    select * from {{ ref('stg_placeringar__placeringar') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'placeringar' and periodtyp in ('manad', 'ack', 'ar')
),

manader as (
    select * from perioder
    where periodtyp = 'manad'
),

-- Months sum to every period within a year. Only the number of placements behind a cost does not: over a period
-- that begins in January a placement counts in the first month of the year it meets.
{%- set summerbara = [
    'paborjade', 'avslutade', 'dagar_avslutade', 'kostnad_kr', 'vardygn_med_pris',
] %}
{%- set matt = summerbara + ['placeringar_med_pris'] %}
{%- set dimensioner = ['form', 'lagrum', 'regi', 'enhet', 'finband'] %}
{%- set manadsmatt = summerbara + ['med_pris_i_manaden', 'med_pris_nya_i_aret'] %}

placeringsmanader as (
    select
        placeringar.*,
        manader.period_start,
        manader.period_slut,
        {{ finband('manader.ar - placeringar.fodelsear') }} as finband,
        case when placeringar.dygnskostnad_kr is not null then 1 else 0 end as med_pris,
        case
            when
                placeringar.start_dag >= manader.period_start
                or extract(month from manader.period_start) = 1
                then 1
            else 0
        end as ny_i_aret,
        {{ days_between(
            'greatest(placeringar.start_dag, manader.period_start)',
            'least(coalesce(placeringar.slut_dag, manader.period_slut), manader.period_slut)',
        ) }} + 1 as dagar
    from placeringar
    inner join manader
        on
            placeringar.kommun_kod = manader.kommun_kod
            and placeringar.start_dag <= manader.period_slut
            and coalesce(placeringar.slut_dag >= manader.period_start, true)
),

fina as (
    select
        kommun_kod,
        'manad' as periodtyp,
        period_slut,
        kon,
        form,
        lagrum,
        regi,
        enhet,
        finband,
        sum(case when start_dag >= period_start then 1 else 0 end) as paborjade,
        sum(case when slut_dag <= period_slut then 1 else 0 end) as avslutade,
        sum(
            case
                when slut_dag <= period_slut
                    then {{ days_between('start_dag', 'slut_dag') }} + 1
                else 0
            end
        ) as dagar_avslutade,
        coalesce(sum(dygnskostnad_kr * dagar), 0) as kostnad_kr,
        sum(med_pris * dagar) as vardygn_med_pris,
        sum(med_pris) as med_pris_i_manaden,
        sum(med_pris * ny_i_aret) as med_pris_nya_i_aret
    from placeringsmanader
    group by kommun_kod, period_slut, kon, form, lagrum, regi, enhet, finband
    union all
    {{ nollrader('manader', dimensioner, manadsmatt) }}
),

manadssummor as (
    {{ snitt(
        'fina', manadsmatt, indelningar=['form', 'lagrum', 'regi'], omrade='placeringar',
        enhet='enhet'
    ) }}
),

summor as (
    {{ manader_till_perioder(
        'manadssummor', 'perioder', floden=summerbara,
        forsta=[('placeringar_med_pris', 'med_pris_i_manaden', 'med_pris_nya_i_aret')],
    ) }}
),

rutor as (
    {{ rutor('summor', 'perioder', matt) }}
)

{{ nyckeltal_rader('rutor', [
    {'id': 'plac_paborjade', 'taljare': 'paborjade', 'n': 'paborjade'},
    {'id': 'plac_avslutade', 'taljare': 'avslutade', 'n': 'avslutade'},
    {
        'id': 'plac_medelvardtid', 'taljare': 'dagar_avslutade', 'namnare': 'avslutade',
        'n': 'avslutade',
    },
    {'id': 'plac_kostnad', 'taljare': 'kostnad_kr', 'n': 'placeringar_med_pris'},
    {
        'id': 'plac_kostnad_per_vardygn', 'taljare': 'kostnad_kr',
        'namnare': 'vardygn_med_pris', 'n': 'placeringar_med_pris',
    },
]) }}
