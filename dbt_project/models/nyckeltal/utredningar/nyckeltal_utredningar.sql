-- Cases by what happened to them in a period (flows) and at its end (stocks). A case is one row in each month's
-- count, so months sum to every period within a year.
with klockor as (
    select * from {{ ref('int_utredningar__klockor') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'utredningar' and periodtyp in ('manad', 'ack', 'ar')
),

manader as (
    select * from perioder
    where periodtyp = 'manad'
),

{%- set floden = [
    'inkomna', 'inledda', 'avslutade', 'dagar_avslutade', 'fb_klara', 'fb_inom',
    'provade', 'inom_frist',
] %}
{%- set lager = ['pagaende', 'forsenade'] %}

handelser as (
    select
        klockor.*,
        inkom_dag as handelse_dag,
        'inkom' as handelse
    from klockor
    union all
    select
        klockor.*,
        inledd_dag as handelse_dag,
        'inledd' as handelse
    from klockor
    union all
    select
        klockor.*,
        avslutad_dag as handelse_dag,
        'avslutad' as handelse
    from klockor
    where inledd_dag is not null
    union all
    select
        klockor.*,
        fb_klar_dag as handelse_dag,
        'fb_klar' as handelse
    from klockor
    where fb_galler
),

floden as (
    select
        manader.kommun_kod,
        manader.periodtyp,
        manader.period_slut,
        handelser.kon,
        handelser.slag,
        handelser.enhet,
        {{ finband('manader.ar - handelser.fodelsear') }} as finband,
        sum(case when handelse = 'inkom' then 1 else 0 end) as inkomna,
        sum(case when handelse = 'inledd' then 1 else 0 end) as inledda,
        sum(case when handelse = 'avslutad' then 1 else 0 end) as avslutade,
        sum(
            case
                when handelse = 'avslutad'
                    then {{ days_between('inledd_dag', 'avslutad_dag') }}
                else 0
            end
        ) as dagar_avslutade,
        sum(case when handelse = 'fb_klar' then 1 else 0 end) as fb_klara,
        sum(
            case
                when handelse = 'fb_klar' and fb_klar_dag <= fb_lagfrist_dag then 1
                else 0
            end
        ) as fb_inom,
        sum(case when handelse = 'avslutad' and utr_galler then 1 else 0 end)
            as provade,
        sum(
            case
                when
                    handelse = 'avslutad'
                    and utr_galler
                    and avslutad_dag <= utr_lagfrist_dag
                    then 1
                else 0
            end
        ) as inom_frist,
        0 as pagaende,
        0 as forsenade
    from handelser
    inner join manader
        on
            handelser.kommun_kod = manader.kommun_kod
            and {{ month_start('handelser.handelse_dag') }} = manader.slutmanad
    group by
        manader.kommun_kod,
        manader.periodtyp,
        manader.period_slut,
        handelser.kon,
        handelser.slag,
        handelser.enhet,
        {{ finband('manader.ar - handelser.fodelsear') }}
),

lager as (
    select
        manader.kommun_kod,
        manader.periodtyp,
        manader.period_slut,
        klockor.kon,
        klockor.slag,
        klockor.enhet,
        {{ finband('manader.ar - klockor.fodelsear') }} as finband,
        {%- for kolumn in floden %}
        0 as {{ kolumn }},
        {%- endfor %}
        count(*) as pagaende,
        sum(
            case
                when klockor.utr_galler and klockor.utr_frist_dag <= manader.period_slut
                    then 1
                else 0
            end
        ) as forsenade
    from klockor
    inner join manader
        on
            klockor.kommun_kod = manader.kommun_kod
            and klockor.inledd_dag <= manader.period_slut
            and coalesce(klockor.avslutad_dag > manader.period_slut, true)
    group by
        manader.kommun_kod,
        manader.periodtyp,
        manader.period_slut,
        klockor.kon,
        klockor.slag,
        klockor.enhet,
        {{ finband('manader.ar - klockor.fodelsear') }}
),

fina as (
    select * from floden
    union all
    select * from lager
    union all
    {{ nollrader('manader', ['slag', 'enhet', 'finband'], floden + lager) }}
),

manadssummor as (
    {{ snitt(
        'fina', floden + lager, indelningar=['slag'], omrade='utredningar', enhet='enhet'
    ) }}
),

summor as (
    {{ manader_till_perioder('manadssummor', 'perioder', floden=floden, lager=lager) }}
),

rutor as (
    {{ rutor('summor', 'perioder', floden + lager) }}
),

-- The clocks concern children: there is nothing to say about other kinds of case.
barnrutor as (
    select * from rutor
    where indelning = 'totalt' and alder = 'totalt'
)

{{ nyckeltal_rader('rutor', [
    {'id': 'utr_inkomna', 'taljare': 'inkomna', 'n': 'inkomna'},
    {'id': 'utr_inledda', 'taljare': 'inledda', 'n': 'inledda'},
    {'id': 'utr_avslutade', 'taljare': 'avslutade', 'n': 'avslutade'},
    {'id': 'utr_pagaende', 'taljare': 'pagaende', 'n': 'pagaende'},
    {
        'id': 'utr_medeltid', 'taljare': 'dagar_avslutade', 'namnare': 'avslutade',
        'n': 'avslutade',
    },
]) }}
union all
{{ nyckeltal_rader('barnrutor', [
    {
        'id': 'utr_fb_inom_14_dagar', 'taljare': 'fb_inom', 'namnare': 'fb_klara',
        'faktor': 100, 'n': 'fb_klara',
    },
    {
        'id': 'utr_inom_4_manader', 'taljare': 'inom_frist', 'namnare': 'provade',
        'faktor': 100, 'n': 'provade',
    },
    {'id': 'utr_forsenade', 'taljare': 'forsenade', 'n': 'forsenade'},
]) }}
