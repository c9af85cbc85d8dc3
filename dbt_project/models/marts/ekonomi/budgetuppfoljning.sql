-- One row per key, month and version. The accumulated columns stand on one row per key
-- and month only (outcome, or budget where no outcome exists), so that they can be
-- summed over versions.
with manad as (
    select
        kommun_kod,
        ar,
        manad,
        tabell,
        ansvar,
        organisation,
        verksamhet,
        verksamhet_namn,
        kontogrupp,
        version,
        case when version = 'prognos' then prognosomgang end as prognosomgang,
        sum(belopp_kr) as belopp_kr,
        case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
            as leverans_id
    from {{ ref('int_ekonomi__manad') }}
    group by
        kommun_kod,
        ar,
        manad,
        tabell,
        ansvar,
        organisation,
        verksamhet,
        verksamhet_namn,
        kontogrupp, version, case when version = 'prognos' then prognosomgang end
),

ackumulerat as (
    select * from {{ ref('int_ekonomi__ackumulerat') }}
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

-- Full join: a delivered month without rows of a key still has its accumulated figures.
sammanfogat as (
    select
        coalesce(manad.kommun_kod, ack.kommun_kod) as kommun_kod,
        coalesce(manad.ar, ack.ar) as ar,
        case when manad.kommun_kod is null then ack.manad else manad.manad end as manad,
        coalesce(manad.tabell, ack.tabell) as tabell,
        nullif(coalesce(manad.ansvar, ack.ansvar), '') as ansvar,
        coalesce(manad.organisation, ack.organisation) as organisation,
        coalesce(manad.verksamhet, ack.verksamhet) as verksamhet,
        coalesce(manad.verksamhet_namn, ack.verksamhet_namn) as verksamhet_namn,
        coalesce(manad.kontogrupp, ack.kontogrupp) as kontogrupp,
        coalesce(manad.version, ack.version) as version,
        manad.prognosomgang,
        case
            when manad.kommun_kod is not null then manad.belopp_kr
            when ack.version = 'utfall' then ack.utfall_period_kr
        end as belopp_kr,
        ack.budget_ack_kr,
        ack.utfall_ack_kr,
        ack.utfall_ack_kr - ack.budget_ack_kr as avvikelse_ack_kr,
        ack.budget_ack_linjar_kr,
        ack.utfall_ack_kr - ack.budget_ack_linjar_kr as avvikelse_ack_linjar_kr,
        ack.helarsbudget_kr,
        ack.ursprunglig_budget_kr,
        ack.prognos_kr as helarsprognos_kr,
        ack.prognosomgang as helarsprognos_omgang,
        ack.budgetperiodisering,
        manad.leverans_id
    from manad
    full outer join ackumulerat as ack
        on
            manad.kommun_kod = ack.kommun_kod
            and manad.ar = ack.ar
            and coalesce(manad.manad, 0) = coalesce(ack.manad, 0)
            and manad.tabell = ack.tabell
            and manad.ansvar = ack.ansvar
            and manad.organisation = ack.organisation
            and manad.verksamhet = ack.verksamhet
            and manad.verksamhet_namn = ack.verksamhet_namn
            and manad.kontogrupp = ack.kontogrupp
            and manad.version = ack.version
)

select
    sammanfogat.kommun_kod,
    coalesce(kommuner.kommun, sammanfogat.kommun_kod) as kommun,
    sammanfogat.ar,
    sammanfogat.manad,
    sammanfogat.tabell,
    sammanfogat.ansvar,
    sammanfogat.organisation,
    sammanfogat.verksamhet,
    sammanfogat.verksamhet_namn,
    sammanfogat.kontogrupp,
    sammanfogat.version,
    sammanfogat.prognosomgang,
{% for belopp in [
    'belopp_kr', 'budget_ack_kr', 'utfall_ack_kr', 'avvikelse_ack_kr', 'budget_ack_linjar_kr',
    'avvikelse_ack_linjar_kr', 'helarsbudget_kr', 'ursprunglig_budget_kr', 'helarsprognos_kr',
] %}
    cast(sammanfogat.{{ belopp }} as {{ typ_belopp() }}) as {{ belopp }},
    {% endfor %}
    sammanfogat.helarsprognos_omgang,
    sammanfogat.budgetperiodisering,
    sammanfogat.leverans_id
from sammanfogat
left join kommuner
    on sammanfogat.kommun_kod = kommuner.kommun_kod
