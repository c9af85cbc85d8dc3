-- The plan's rows; those that are one of the two legal clocks get their answer from all
-- cases, and a clock that the plan does not name gets a row of its own.
with plan_rader as (
    select * from {{ ref('stg_internkontroll__internkontroll') }}
),

klockor as (
    select
        kommun_kod,
        ar,
        kontroll_id,
        lagrum,
        cast(provade as {{ typ_bigint() }}) as provade,
        cast(avvikelser as {{ typ_bigint() }}) as avvikelser
    from {{ ref('int_utredningar__klockutfall') }}
),

fran_plan as (
    select
        plan_rader.kommun_kod,
        plan_rader.ar,
        plan_rader.kategori,
        plan_rader.process,
        plan_rader.sannolikhet,
        plan_rader.konsekvens,
        coalesce(plan_rader.sannolikhet * plan_rader.konsekvens, plan_rader.riskindex)
            as riskindex,
        plan_rader.risk,
        plan_rader.kontrollmoment,
        plan_rader.kontrollansvar,
        plan_rader.frekvens,
        plan_rader.metod,
        plan_rader.rapportering,
        plan_rader.kontroll_id,
        klockor.lagrum,
        case
            when klockor.avvikelser > 0 then 'Avvikelser'
            when klockor.avvikelser = 0 then 'Inga avvikelser'
            else plan_rader.utfall
        end as utfall,
        coalesce(klockor.provade, plan_rader.provade) as provade,
        case
            when klockor.provade is not null then klockor.avvikelser else
                plan_rader.avvikelser
        end as avvikelser,
        plan_rader.atgard,
        case
            when klockor.provade is not null then 'Tertial: alla ärenden' else
                plan_rader.kalla
        end as kalla,
        plan_rader.leverans_id
    from plan_rader
    left join klockor
        on
            plan_rader.kommun_kod = klockor.kommun_kod
            and plan_rader.ar = klockor.ar
            and plan_rader.kontroll_id = klockor.kontroll_id
),

utan_plan as (
    select
        klockor.kommun_kod,
        klockor.ar,
        'Verksamhetsprocesser' as kategori,
        texter.process,
        cast(null as {{ typ_int() }}) as sannolikhet,
        cast(null as {{ typ_int() }}) as konsekvens,
        cast(null as {{ typ_int() }}) as riskindex,
        texter.risk,
        texter.kontrollmoment,
        cast(null as {{ typ_text() }}) as kontrollansvar,
        cast(null as {{ typ_text() }}) as frekvens,
        'Samtliga ärenden' as metod,
        cast(null as {{ typ_text() }}) as rapportering,
        klockor.kontroll_id,
        klockor.lagrum,
        case when klockor.avvikelser > 0 then 'Avvikelser' else 'Inga avvikelser' end
            as utfall,
        klockor.provade,
        klockor.avvikelser,
        cast(null as {{ typ_text() }}) as atgard,
        'Tertial: alla ärenden' as kalla,
        cast(null as {{ typ_text() }}) as leverans_id
    from klockor
    inner join {{ ref('klockkontroller') }} as texter
        on klockor.kontroll_id = texter.kontroll_id
    where
        not exists (
            select 1
            from plan_rader
            where
                plan_rader.kommun_kod = klockor.kommun_kod
                and plan_rader.ar = klockor.ar
                and plan_rader.kontroll_id = klockor.kontroll_id
        )
),

alla as (
    select * from fran_plan
    union all
    select * from utan_plan
)

select
    alla.kommun_kod,
    coalesce(kommuner.kommun, alla.kommun_kod) as kommun,
    alla.ar,
    alla.kategori,
    alla.process,
    alla.sannolikhet,
    alla.konsekvens,
    alla.riskindex,
    alla.risk,
    alla.kontrollmoment,
    alla.kontrollansvar,
    alla.frekvens,
    alla.metod,
    alla.rapportering,
    alla.kontroll_id,
    alla.lagrum,
    alla.utfall,
    alla.provade,
    alla.avvikelser,
    alla.atgard,
    alla.kalla,
    alla.leverans_id
from alla
left join {{ ref('stg_register__kommuner') }} as kommuner
    on alla.kommun_kod = kommuner.kommun_kod
