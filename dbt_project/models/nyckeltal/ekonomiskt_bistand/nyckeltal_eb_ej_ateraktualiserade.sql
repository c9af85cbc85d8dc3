-- Adults whose aid ended in the first half of last year and who neither had aid nor applied for it in the twelve
-- months after. Reported for the half-year in which the last of them had been followed for a year.
with personmanader as (
    select * from {{ ref('int_ekonomiskt_bistand__personmanader') }}
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp = 'halvar'
),

uppfoljningsfonster as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp = 'r18'
),

kon_grupper as (
    select * from {{ ref('kon_grupper') }}
),

manader_fore_uppehall as (
    select
        personmanader.*,
        {{ month_number('nasta_manad') }} - {{ month_number('manad') }} as steg
    from personmanader
),

avslut as (
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        ar,
        manad,
        case
            when steg <= {{ var('aterkomst_manader') }} then 1
            when
                nasta_ansokan_dag >= {{ add_months_clamped('manad', 1) }}
                and nasta_ansokan_dag
                < {{ add_months_clamped('manad', var('aterkomst_manader') + 1) }}
                then 1
            else 0
        end as ateraktualiserad,
        row_number() over (
            partition by kommun_kod, person_id, ar order by manad desc
        ) as fran_slutet
    from manader_fore_uppehall
    where
        extract(month from manad) <= 6
        and coalesce(steg > {{ var('eb_avslut_manader_utan') }}, true)
),

summor as (
    select
        uppfoljningsfonster.kommun_kod,
        uppfoljningsfonster.period_slut,
        uppfoljningsfonster.status,
        uppfoljningsfonster.leverans_id,
        kon_grupper.kon_redovisad as kon,
        count(*) as avslutade,
        sum(1 - avslut.ateraktualiserad) as ej_ateraktualiserade
    from avslut
    inner join uppfoljningsfonster
        on
            avslut.kommun_kod = uppfoljningsfonster.kommun_kod
            and avslut.ar = uppfoljningsfonster.ar - 1
    inner join kon_grupper
        on avslut.kon = kon_grupper.kon
    where avslut.fran_slutet = 1 and avslut.ar - avslut.fodelsear >= 18
    group by
        uppfoljningsfonster.kommun_kod,
        uppfoljningsfonster.period_slut,
        uppfoljningsfonster.status,
        uppfoljningsfonster.leverans_id,
        kon_grupper.kon_redovisad
),

rutor as (
    select
        summor.kommun_kod,
        'Totalt' as organisation,
        summor.kon,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        perioder.period_start,
        perioder.period_slut,
        perioder.periodtyp,
        summor.status,
        summor.leverans_id,
        summor.avslutade,
        summor.ej_ateraktualiserade
    from summor
    inner join perioder
        on
            summor.kommun_kod = perioder.kommun_kod
            and summor.period_slut = perioder.period_slut
)

{{ nyckeltal_rader('rutor', [
    {
        'id': 'eb_ej_ateraktualiserade', 'taljare': 'ej_ateraktualiserade',
        'namnare': 'avslutade', 'faktor': 100, 'n': 'avslutade',
    },
]) }}
