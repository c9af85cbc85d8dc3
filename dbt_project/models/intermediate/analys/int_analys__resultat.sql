-- The committee's result against its budget per year, in REPORT sign: the ledger's whole
-- year, else a delivered mått, else the forecast of the year that is running.
with huvudbok as (
    select
        kommun_kod,
        ar,
        sum(case when version = 'utfall' then belopp_kr end) as utfall_kr,
        sum(case when version = 'budget' then belopp_kr end) as budget_kr,
        count(distinct case when version = 'utfall' then manad end) as manader
    from {{ ref('int_ekonomi__manad') }}
    where tabell = 'huvudbok'
    group by kommun_kod, ar
),

levererade as (
    select
        matt.kommun_kod,
        cast(extract(year from matt.period_slut) as {{ typ_int() }}) as ar,
        namn.post,
        max(
            matt.varde
            * case matt.enhet when 'mnkr' then 1000000 when 'tkr' then 1000 else 1 end
        )
            as belopp_kr
    from {{ ref('int_matt__verksamhetsmatt') }} as matt
    inner join {{ ref('resultatmatt') }} as namn
        on lower(trim(matt.matt)) = namn.matt
    where
        matt.version = 'utfall'
        and matt.periodtyp = 'ar'
        and matt.organisation = 'Totalt'
        and matt.kon = 'T'
        and matt.varde is not null
    group by matt.kommun_kod, extract(year from matt.period_slut), namn.post
),

prognoser as (
    select
        kommun_kod,
        ar,
        sum(prognos_kr) as prognos_kr,
        manad,
        row_number() over (partition by kommun_kod, ar order by manad desc) as ordning
    from {{ ref('int_prognos__val') }}
    where vald and tabell = 'huvudbok'
    group by kommun_kod, ar, manad
),

alla as (
    select
        kommun_kod,
        ar,
        'utfall' as version,
        'huvudbok' as kalla,
        1 as rang,
        utfall_kr - budget_kr as resultat_kr
    from huvudbok
    where manader = 12 and budget_kr is not null
    union all
    select
        kommun_kod,
        ar,
        'utfall' as version,
        'levererat_matt' as kalla,
        2 as rang,
        belopp_kr as resultat_kr
    from levererade
    where post = 'resultat'
    union all
    select
        prognoser.kommun_kod,
        prognoser.ar,
        'prognos' as version,
        'helarsprognos' as kalla,
        3 as rang,
        prognoser.prognos_kr - huvudbok.budget_kr as resultat_kr
    from prognoser
    inner join huvudbok
        on prognoser.kommun_kod = huvudbok.kommun_kod and prognoser.ar = huvudbok.ar
    where
        prognoser.ordning = 1
        and huvudbok.manader < 12
        and huvudbok.budget_kr is not null
),

rangordnade as (
    select
        *,
        row_number() over (partition by kommun_kod, ar order by rang) as ordning
    from alla
),

nycklar as (
    select
        kommun_kod,
        ar
    from rangordnade
    where ordning = 1
    union distinct
    select
        kommun_kod,
        ar
    from levererade
)

select
    nycklar.kommun_kod,
    nycklar.ar,
    rangordnade.version,
    rangordnade.kalla,
    cast(round(rangordnade.resultat_kr, 2) as {{ typ_belopp() }}) as resultat_kr,
    cast(round(levererade.belopp_kr, 2) as {{ typ_belopp() }}) as balanserat_resultat_kr
from nycklar
left join rangordnade
    on
        nycklar.kommun_kod = rangordnade.kommun_kod
        and nycklar.ar = rangordnade.ar
        and rangordnade.ordning = 1
left join levererade
    on
        nycklar.kommun_kod = levererade.kommun_kod
        and nycklar.ar = levererade.ar
        and levererade.post = 'balanserat_resultat'
