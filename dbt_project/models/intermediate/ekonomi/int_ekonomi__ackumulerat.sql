-- Outcome and budget from January, per key and month with delivered outcome; one row
-- with manad null per key where a table knows whole years only. A key without rows a
-- delivered month has the outcome 0 that month.
with manad as (
    select * from {{ ref('int_ekonomi__manad') }}
    where version in ('utfall', 'budget')
),

tabeller as (
    select
        kommun_kod,
        ar,
        tabell,
        max(case when version = 'utfall' and manad is not null then 1 else 0 end)
            as har_manader,
        max(case when version = 'utfall' then 1 else 0 end) as har_utfall,
        max(case when version = 'budget' then 1 else 0 end) as har_budget
    from manad
    group by kommun_kod, ar, tabell
),

perioder as (
    select distinct
        kommun_kod,
        ar,
        tabell,
        manad
    from manad
    where version = 'utfall' and manad is not null
    union all
    select
        kommun_kod,
        ar,
        tabell,
        cast(null as {{ typ_int() }}) as manad
    from tabeller
    where har_manader = 0
),

nycklar as (
    select
        perioder.manad as till_manad,
        tabeller.har_utfall,
        tabeller.har_budget,
        helar.*
    from {{ ref('int_ekonomi__helar') }} as helar
    inner join tabeller
        on
            helar.kommun_kod = tabeller.kommun_kod
            and helar.ar = tabeller.ar
            and helar.tabell = tabeller.tabell
    inner join perioder
        on
            helar.kommun_kod = perioder.kommun_kod
            and helar.ar = perioder.ar
            and helar.tabell = perioder.tabell
),

summor as (
    select
        nycklar.kommun_kod,
        nycklar.ar,
        nycklar.till_manad,
        nycklar.tabell,
        nycklar.ansvar,
        nycklar.organisation,
        nycklar.verksamhet,
        nycklar.verksamhet_namn,
        nycklar.kontogrupp,
        nycklar.har_utfall,
        nycklar.har_budget,
        nycklar.budget_kr,
        nycklar.ursprunglig_budget_kr,
        nycklar.prognos_kr,
        nycklar.prognosomgang,
        nycklar.budgetperiodisering,
        coalesce(sum(case
            when
                manad.version = 'utfall'
                and manad.manad is not distinct from nycklar.till_manad
                then manad.belopp_kr
        end), 0) as utfall_period_kr,
        coalesce(sum(case when manad.version = 'utfall' then manad.belopp_kr end), 0)
            as utfall_kr,
        coalesce(sum(case when manad.version = 'budget' then manad.belopp_kr end), 0)
            as budget_till_kr
    from nycklar
    left join manad
        on
            nycklar.kommun_kod = manad.kommun_kod
            and nycklar.ar = manad.ar
            and nycklar.tabell = manad.tabell
            and nycklar.ansvar = manad.ansvar
            and nycklar.organisation = manad.organisation
            and nycklar.verksamhet = manad.verksamhet
            and nycklar.verksamhet_namn = manad.verksamhet_namn
            and nycklar.kontogrupp = manad.kontogrupp
            and (
                nycklar.till_manad >= manad.manad
                or nycklar.till_manad is null
                or (manad.manad is null and nycklar.till_manad = 12)
            )
    group by
        nycklar.kommun_kod,
        nycklar.ar,
        nycklar.till_manad,
        nycklar.tabell,
        nycklar.ansvar,
        nycklar.organisation,
        nycklar.verksamhet,
        nycklar.verksamhet_namn,
        nycklar.kontogrupp,
        nycklar.har_utfall,
        nycklar.har_budget,
        nycklar.budget_kr,
        nycklar.ursprunglig_budget_kr,
        nycklar.prognos_kr, nycklar.prognosomgang, nycklar.budgetperiodisering
)

select
    kommun_kod,
    ar,
    till_manad as manad,
    tabell,
    ansvar,
    organisation,
    verksamhet,
    verksamhet_namn,
    kontogrupp,
    case when har_utfall = 1 then 'utfall' else 'budget' end as version,
    utfall_period_kr,
    prognos_kr,
    prognosomgang,
    budgetperiodisering,
    case when har_budget = 1 then coalesce(budget_kr, 0) end as helarsbudget_kr,
    case when har_budget = 1 then coalesce(ursprunglig_budget_kr, 0) end
        as ursprunglig_budget_kr,
    case when har_utfall = 1 then utfall_kr end as utfall_ack_kr,
    case
        when har_budget = 0 then null
        when coalesce(till_manad, 12) = 12 then coalesce(budget_kr, 0)
        when budgetperiodisering in ('helar', 'blandad') then null
        else budget_till_kr
    end as budget_ack_kr,
    case
        when har_budget = 1 then coalesce(budget_kr, 0) * coalesce(till_manad, 12) / 12
    end as budget_ack_linjar_kr
from summor
