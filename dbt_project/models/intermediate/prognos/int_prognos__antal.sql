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

ar_med_manader as (
    select distinct
        kommun_kod,
        ar,
        forsta_dag,
        {{ ar_slut('ar') }} as arets_slut
    from manader
),

-- Each counts from the first day of the year on which they are there.
forsta_vard as (
    select
        aret.kommun_kod,
        aret.ar,
        perioder.indelning_varde as placeringsform,
        aret.ar - perioder.fodelsear <= 20 as barn_unga,
        perioder.person_nr,
        min(greatest(perioder.start_dag, aret.forsta_dag)) as dag
    from ar_med_manader as aret
    inner join {{ ref('int_placeringar__vardperioder') }} as perioder
        on
            aret.kommun_kod = perioder.kommun_kod
            and aret.arets_slut >= perioder.start_dag
            and aret.forsta_dag <= perioder.slut_dag
            and perioder.indelning = 'form'
    group by
        aret.kommun_kod,
        aret.ar,
        perioder.indelning_varde,
        aret.ar - perioder.fodelsear <= 20,
        perioder.person_nr
),

placerade as (
    select
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        forsta_vard.placeringsform,
        forsta_vard.barn_unga,
        count(*) as n
    from manader
    inner join forsta_vard
        on
            manader.kommun_kod = forsta_vard.kommun_kod
            and manader.ar = forsta_vard.ar
            and manader.sista_dag >= forsta_vard.dag
    group by
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        forsta_vard.placeringsform,
        forsta_vard.barn_unga
),

forsta_bistand as (
    select
        aret.kommun_kod,
        aret.ar,
        rader.hushall_id,
        min(rader.manad) as dag
    from ar_med_manader as aret
    inner join {{ ref('stg_forsorjningsstod__forsorjningsstod') }} as rader
        on
            aret.kommun_kod = rader.kommun_kod
            and aret.ar = extract(year from rader.manad)
    group by aret.kommun_kod, aret.ar, rader.hushall_id
),

hushall as (
    select
        manader.kommun_kod,
        manader.ar,
        manader.manad,
        count(*) as n
    from manader
    inner join forsta_bistand
        on
            manader.kommun_kod = forsta_bistand.kommun_kod
            and manader.ar = forsta_bistand.ar
            and manader.sista_dag >= forsta_bistand.dag
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
