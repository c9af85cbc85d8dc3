-- Persons placed, or households with ekonomiskt bistånd, from January to the month,
-- behind each verksamhet whose cost is theirs: what disclosure control asks for. The
-- register has no målgrupp: 20 and younger stand behind RS row 569, older behind others.
with manader as (
    select distinct
        kommun_kod,
        ar,
        manad,
        {{ ar_start('ar') }} as forsta_dag,
        {{ manad_slut('ar', 'manad') }} as sista_dag
    from {{ ref('int_prognos__manader') }}
),

placerade as (
    select
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        perioder.indelning_varde as placeringsform,
        manader.ar - perioder.fodelsear <= 20 as barn_unga,
        count(distinct perioder.person_nr) as n
    from manader
    inner join {{ ref('int_placeringar__vardperioder') }} as perioder
        on
            manader.kommun_kod = perioder.kommun_kod
            and manader.sista_dag >= perioder.start_dag
            and manader.forsta_dag <= perioder.slut_dag
            and perioder.indelning = 'form'
    group by
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        perioder.indelning_varde,
        manader.ar - perioder.fodelsear <= 20
),

hushall as (
    select
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        count(distinct rader.hushall_id) as n
    from manader
    inner join {{ ref('stg_forsorjningsstod__forsorjningsstod') }} as rader
        on
            manader.kommun_kod = rader.kommun_kod
            and rader.manad between manader.forsta_dag and manader.sista_dag
    group by manader.kommun_kod, manader.ar, manader.manad
)

select
    verksamheter.kommun_kod,
    verksamheter.verksamhet,
    placerade.ar,
    placerade.manad,
    placerade.n
from {{ ref('int_ekonomi__verksamheter') }} as verksamheter
inner join placerade
    on
        verksamheter.kommun_kod = placerade.kommun_kod
        and verksamheter.placeringsform = placerade.placeringsform
        and (verksamheter.rs_rad = '569') = placerade.barn_unga
union all
select
    verksamheter.kommun_kod,
    verksamheter.verksamhet,
    hushall.ar,
    hushall.manad,
    hushall.n
from {{ ref('int_ekonomi__verksamheter') }} as verksamheter
inner join hushall
    on verksamheter.kommun_kod = hushall.kommun_kod and verksamheter.rs_rad = '575'
union all
select
    kommun_kod,
    'Ekonomiskt bistånd' as verksamhet,
    ar,
    manad,
    n
from hushall
