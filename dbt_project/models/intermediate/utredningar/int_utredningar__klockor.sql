-- One row per case with the two legal clocks. Both concern children only: förhandsbedömning within fourteen days of
-- an anmälan (not when an utredning of the child is already open), and utredning finished within four calendar
-- months. A deadline day counts as in time. The limits are the same in both acts; which act applies follows the
-- day the clock started.
with utredningar as (
    select * from {{ ref('stg_utredningar__utredningar') }}
),

-- The last day the register can tell about.
tackning as (
    select
        kommun_kod,
        max(period_slut) as till_dag
    from {{ ref('int_kalender__perioder') }}
    where tabell = 'utredningar' and periodtyp = 'manad'
    group by kommun_kod
),

redan_under_utredning as (
    select distinct
        nya.kommun_kod,
        nya.arende_id
    from utredningar as nya
    inner join utredningar as pagaende
        on
            nya.kommun_kod = pagaende.kommun_kod
            and nya.person_id = pagaende.person_id
            and nya.arende_id <> pagaende.arende_id
            and nya.inkom_dag > pagaende.inledd_dag
    where
        coalesce(pagaende.avslutad_dag >= nya.inkom_dag, true)
        and nya.slag = 'barn_unga'
        and pagaende.slag = 'barn_unga'
),

frister as (
    select
        utredningar.*,
        tackning.till_dag,
        utredningar.slag = 'barn_unga'
        and utredningar.inkomstsatt <> 'ansokan'
        and redan_under_utredning.arende_id is null as fb_galler,
        utredningar.slag = 'barn_unga'
        and utredningar.inledd_dag is not null as utr_galler,
        {{ add_days('utredningar.inkom_dag', var('forhandsbedomning_dagar')) }}
            as fb_lagfrist_dag,
        {{ add_months_clamped('utredningar.inledd_dag', var('utredning_manader')) }}
            as utr_lagfrist_dag,
        coalesce(
            utredningar.forhandsbedomning_klar_dag,
            utredningar.inledd_dag,
            utredningar.avslutad_dag
        ) as fb_klar_dag,
        case
            when utredningar.inkom_dag < cast('2025-07-01' as {{ typ_datum() }})
                then 'SoL 2001:453 11 kap. 1 a §'
            else 'SoL 2025:400 20 kap. 2 §'
        end as fb_lagrum,
        case
            when utredningar.inledd_dag < cast('2025-07-01' as {{ typ_datum() }})
                then 'SoL 2001:453 11 kap. 2 §'
            when utredningar.inledd_dag is not null then 'SoL 2025:400 20 kap. 3 §'
        end as utr_lagrum
    from utredningar
    left join tackning
        on utredningar.kommun_kod = tackning.kommun_kod
    left join redan_under_utredning
        on
            utredningar.kommun_kod = redan_under_utredning.kommun_kod
            and utredningar.arende_id = redan_under_utredning.arende_id
),

forlangda as (
    select
        frister.*,
        coalesce(forhandsbedomning_forlangd_till_dag > fb_lagfrist_dag, false)
            as fb_forlangd,
        coalesce(forlangd_till_dag > utr_lagfrist_dag, false) as utr_forlangd
    from frister
),

med_frist as (
    select
        forlangda.*,
        case
            when fb_forlangd then forhandsbedomning_forlangd_till_dag
            else fb_lagfrist_dag
        end as fb_frist_dag,
        case when utr_forlangd then forlangd_till_dag else utr_lagfrist_dag end
            as utr_frist_dag
    from forlangda
)

select
    kommun_kod,
    arende_id,
    person_id,
    kon,
    fodelsear,
    slag,
    enhet,
    ensamkommande,
    inkom_dag,
    inledd_dag,
    avslutad_dag,
    till_dag,
    fb_galler,
    fb_lagrum,
    fb_klar_dag,
    fb_lagfrist_dag,
    fb_forlangd,
    fb_frist_dag,
    fb_galler
    and (
        coalesce(fb_klar_dag > fb_frist_dag, false)
        or (fb_klar_dag is null and coalesce(fb_frist_dag <= till_dag, false))
    ) as fb_overskriden,
    utr_galler,
    utr_lagrum,
    utr_lagfrist_dag,
    utr_forlangd,
    utr_frist_dag,
    utr_galler
    and (
        coalesce(avslutad_dag > utr_frist_dag, false)
        or (avslutad_dag is null and coalesce(utr_frist_dag <= till_dag, false))
    ) as utr_overskriden
from med_frist
