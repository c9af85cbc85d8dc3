-- Persons for whom everything had ended in the first half of last year, and whether a new formal utredning was
-- opened within twelve months of their last end. Unaccompanied minors are left out. Reported for the half-year in
-- which the last of them had been followed for a year.
with utredningar as (
    select * from {{ ref('stg_utredningar__utredningar') }}
    where
        slag not in ('ekonomiskt_bistand', 'familjeratt', 'faderskap')
        and inledd_dag is not null
),

insatser as (
    select * from {{ ref('stg_insatser__insatser') }}
),

placeringar as (
    select * from {{ ref('stg_placeringar__placeringar') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'utredningar' and periodtyp = 'halvar'
),

uppfoljningsfonster as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'utredningar' and periodtyp = 'r18'
),

kontakter as (
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        slag = 'vuxna_missbruk' as missbruk,
        ensamkommande,
        inledd_dag as start_dag,
        avslutad_dag as slut_dag,
        inledd_dag as ny_utredning_dag
    from utredningar
    union all
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        malgrupp = 'vuxna_missbruk' as missbruk,
        false as ensamkommande,
        start_dag,
        slut_dag,
        null as ny_utredning_dag
    from insatser
    union all
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        lagrum = 'lvm' as missbruk,
        ensamkommande,
        start_dag,
        slut_dag,
        null as ny_utredning_dag
    from placeringar
),

sista_avslut as (
    select
        kommun_kod,
        person_id,
        extract(year from slut_dag) as ar,
        min(kon) as kon,
        max(fodelsear) as fodelsear,
        max(slut_dag) as slut_dag
    from kontakter
    where extract(month from slut_dag) <= 6
    group by kommun_kod, person_id, extract(year from slut_dag)
),

foljda as (
    select
        sista_avslut.kommun_kod,
        sista_avslut.person_id,
        sista_avslut.ar,
        sista_avslut.kon,
        sista_avslut.ar - sista_avslut.fodelsear as alder,
        max(
            case
                when
                    kontakter.slut_dag = sista_avslut.slut_dag and kontakter.missbruk
                    then 1
                else 0
            end
        ) as missbruk,
        max(case when kontakter.ensamkommande then 1 else 0 end) as ensamkommande,
        max(
            case
                when
                    kontakter.start_dag <= sista_avslut.slut_dag
                    and coalesce(kontakter.slut_dag > sista_avslut.slut_dag, true)
                    then 1
                else 0
            end
        ) as nagot_pagar,
        max(
            case
                when
                    kontakter.ny_utredning_dag > sista_avslut.slut_dag
                    and kontakter.ny_utredning_dag
                    <= {{ add_months_clamped(
                        'sista_avslut.slut_dag', var('aterkomst_manader')
                    ) }}
                    then 1
                else 0
            end
        ) as ateraktualiserad
    from sista_avslut
    inner join kontakter
        on
            sista_avslut.kommun_kod = kontakter.kommun_kod
            and sista_avslut.person_id = kontakter.person_id
    group by
        sista_avslut.kommun_kod,
        sista_avslut.person_id,
        sista_avslut.ar,
        sista_avslut.kon,
        sista_avslut.fodelsear
),

grupper as (
    select
        uppfoljningsfonster.kommun_kod,
        uppfoljningsfonster.period_slut,
        uppfoljningsfonster.status,
        uppfoljningsfonster.leverans_id,
        foljda.kon,
        foljda.missbruk,
        foljda.ateraktualiserad,
        case
            when foljda.alder <= 12 then '0-12'
            when foljda.alder <= 20 then '13-20'
            else '21-'
        end as alder
    from foljda
    inner join uppfoljningsfonster
        on
            foljda.kommun_kod = uppfoljningsfonster.kommun_kod
            and foljda.ar = uppfoljningsfonster.ar - 1
    where
        foljda.nagot_pagar = 0
        and not (foljda.ensamkommande = 1 and foljda.alder <= 20)
),

summor as (
    select
        grupper.kommun_kod,
        grupper.period_slut,
        grupper.status,
        grupper.leverans_id,
        grupper.alder,
        kon_grupper.kon_redovisad as kon,
        count(*) as avslutade,
        sum(grupper.ateraktualiserad) as ateraktualiserade,
        sum(grupper.missbruk) as missbruk_avslutade,
        sum(grupper.missbruk * (1 - grupper.ateraktualiserad))
            as missbruk_ej_ateraktualiserade
    from grupper
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on grupper.kon = kon_grupper.kon
    group by
        grupper.kommun_kod,
        grupper.period_slut,
        grupper.status,
        grupper.leverans_id,
        grupper.alder,
        kon_grupper.kon_redovisad
),

rutor as (
    select
        summor.*,
        perioder.period_start,
        perioder.periodtyp,
        'Totalt' as organisation,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        summor.avslutade - summor.ateraktualiserade as ej_ateraktualiserade
    from summor
    inner join perioder
        on
            summor.kommun_kod = perioder.kommun_kod
            and summor.period_slut = perioder.period_slut
)

{{ nyckeltal_rader('rutor', [
    {
        'id': 'utr_ateraktualisering', 'taljare': 'ateraktualiserade',
        'namnare': 'avslutade', 'faktor': 100, 'n': 'avslutade',
    },
    {
        'id': 'ej_ateraktualiserade_0_12', 'taljare': 'ej_ateraktualiserade',
        'namnare': 'avslutade', 'faktor': 100, 'n': 'avslutade', 'om': "alder = '0-12'",
    },
    {
        'id': 'ej_ateraktualiserade_13_20', 'taljare': 'ej_ateraktualiserade',
        'namnare': 'avslutade', 'faktor': 100, 'n': 'avslutade', 'om': "alder = '13-20'",
    },
    {
        'id': 'ej_ateraktualiserade_missbruk_21', 'taljare': 'missbruk_ej_ateraktualiserade',
        'namnare': 'missbruk_avslutade', 'faktor': 100, 'n': 'missbruk_avslutade',
        'om': "alder = '21-' and missbruk_avslutade > 0",
    },
]) }}
