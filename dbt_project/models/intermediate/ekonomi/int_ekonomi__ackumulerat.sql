-- Outcome and budget from January, per key and month with delivered outcome; one row
-- with manad null per key where a table knows whole years only. A key without rows a
-- delivered month has the outcome 0 that month; where a whole month before is not
-- delivered, the outcome from January is not known.
{% set nyckel = [
    'kommun_kod', 'ar', 'tabell', 'ansvar', 'organisation', 'verksamhet',
    'verksamhet_namn', 'kontogrupp',
] | join(', ') -%}
with manad as (
    select * from {{ ref('int_ekonomi__manad') }}
    where version in ('utfall', 'budget')
),

helar as (
    select * from {{ ref('int_ekonomi__helar') }}
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
    select
        kommun_kod,
        ar,
        tabell,
        manad,
        row_number() over (
            partition by kommun_kod, ar, tabell order by manad
        ) = manad as obruten
    from manad
    where version = 'utfall' and manad is not null
    group by kommun_kod, ar, tabell, manad
    union all
    select
        kommun_kod,
        ar,
        tabell,
        cast(null as {{ typ_int() }}) as manad,
        true as obruten
    from tabeller
    where har_manader = 0
),

-- Amounts and the points in time to sum up to, in one line of events per key: a running
-- sum reads each row once. A row for the whole year counts from December.
handelser as (
    select
        kommun_kod,
        ar,
        tabell,
        ansvar,
        organisation,
        verksamhet,
        verksamhet_namn,
        kontogrupp,
        manad,
        0 as ar_punkt,
        false as obruten,
        case when version = 'utfall' then belopp_kr else 0 end as utfall_kr,
        case when version = 'budget' then belopp_kr else 0 end as budget_kr
    from manad
    union all
    select
        helar.kommun_kod,
        helar.ar,
        helar.tabell,
        helar.ansvar,
        helar.organisation,
        helar.verksamhet,
        helar.verksamhet_namn,
        helar.kontogrupp,
        perioder.manad,
        1 as ar_punkt,
        perioder.obruten,
        0 as utfall_kr,
        0 as budget_kr
    from helar
    inner join perioder
        on
            helar.kommun_kod = perioder.kommun_kod
            and helar.ar = perioder.ar
            and helar.tabell = perioder.tabell
),

lopande as (
    select
        *,
        sum(utfall_kr) over (
            partition by {{ nyckel }} order by coalesce(manad, 12)
        ) as utfall_till_kr,
        sum(budget_kr) over (
            partition by {{ nyckel }} order by coalesce(manad, 12)
        ) as budget_till_kr,
        sum(utfall_kr) over (partition by {{ nyckel }}, manad) as utfall_period_kr
    from handelser
),

punkter as (
    select
        lopande.*,
        tabeller.har_utfall,
        tabeller.har_budget,
        helar.budget_kr as helarsbudget,
        helar.ursprunglig_budget_kr as ursprunglig_budget,
        helar.prognos_kr,
        helar.prognosomgang,
        helar.budgetperiodisering
    from lopande
    inner join tabeller
        on
            lopande.kommun_kod = tabeller.kommun_kod
            and lopande.ar = tabeller.ar
            and lopande.tabell = tabeller.tabell
    inner join helar
        on
            lopande.kommun_kod = helar.kommun_kod
            and lopande.ar = helar.ar
            and lopande.tabell = helar.tabell
            and lopande.ansvar = helar.ansvar
            and lopande.organisation = helar.organisation
            and lopande.verksamhet = helar.verksamhet
            and lopande.verksamhet_namn = helar.verksamhet_namn
            and lopande.kontogrupp = helar.kontogrupp
    where lopande.ar_punkt = 1
)

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
    case when har_utfall = 1 then 'utfall' else 'budget' end as version,
    utfall_period_kr,
    prognos_kr,
    prognosomgang,
    budgetperiodisering,
    case when har_budget = 1 then coalesce(helarsbudget, 0) end as helarsbudget_kr,
    case when har_budget = 1 then coalesce(ursprunglig_budget, 0) end
        as ursprunglig_budget_kr,
    case when har_utfall = 1 and obruten then utfall_till_kr end as utfall_ack_kr,
    case
        when har_budget = 0 then null
        when coalesce(manad, 12) = 12 then coalesce(helarsbudget, 0)
        when budgetperiodisering in ('helar', 'blandad') then null
        else budget_till_kr
    end as budget_ack_kr,
    case
        when har_budget = 1
            then coalesce(helarsbudget, 0) * coalesce(manad, 12) / 12
    end as budget_ack_linjar_kr
from punkter
