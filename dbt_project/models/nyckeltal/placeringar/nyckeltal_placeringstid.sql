-- What is counted per placement, not per person: started, ended, length of the ended ones, price times days.
with placeringar as (
    select * from {{ ref('stg_placeringar__placeringar') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'placeringar' and periodtyp in ('manad', 'ack', 'ar')
),

{%- set matt = [
    'paborjade', 'avslutade', 'dagar_avslutade', 'kostnad_kr', 'vardygn_med_pris',
    'placeringar_med_pris',
] %}
{%- set dimensioner = ['form', 'lagrum', 'regi', 'enhet', 'finband'] %}
{%- set dagar_i_period %}
{{ days_between(
    'greatest(placeringar.start_dag, perioder.period_start)',
    'least(coalesce(placeringar.slut_dag, perioder.period_slut), perioder.period_slut)',
) }} + 1
{%- endset %}

fina as (
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        placeringar.kon,
        placeringar.form,
        placeringar.lagrum,
        placeringar.regi,
        placeringar.enhet,
        {{ finband('perioder.ar - placeringar.fodelsear') }} as finband,
        sum(
            case when placeringar.start_dag >= perioder.period_start then 1 else 0 end
        ) as paborjade,
        sum(
            case when placeringar.slut_dag <= perioder.period_slut then 1 else 0 end
        ) as avslutade,
        sum(
            case
                when placeringar.slut_dag <= perioder.period_slut
                    then {{ days_between('placeringar.start_dag', 'placeringar.slut_dag') }} + 1
                else 0
            end
        ) as dagar_avslutade,
        coalesce(
            sum(placeringar.dygnskostnad_kr * ({{ dagar_i_period }})), 0
        ) as kostnad_kr,
        sum(
            case
                when placeringar.dygnskostnad_kr is not null then {{ dagar_i_period }} else 0
            end
        ) as vardygn_med_pris,
        count(placeringar.dygnskostnad_kr) as placeringar_med_pris
    from placeringar
    inner join perioder
        on
            placeringar.kommun_kod = perioder.kommun_kod
            and placeringar.start_dag <= perioder.period_slut
            and coalesce(placeringar.slut_dag >= perioder.period_start, true)
    group by
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        placeringar.kon,
        placeringar.form,
        placeringar.lagrum,
        placeringar.regi,
        placeringar.enhet,
        {{ finband('perioder.ar - placeringar.fodelsear') }}
    union all
    {{ nollrader('perioder', dimensioner, matt) }}
),

summor as (
    {{ snitt(
        'fina', matt, indelningar=['form', 'lagrum', 'regi'], omrade='placeringar',
        enhet='enhet'
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
