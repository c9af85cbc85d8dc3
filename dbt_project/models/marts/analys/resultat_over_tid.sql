-- One row per municipality and year that anything is known of: result, deficits to make
-- good, investments and the deviation from the expected net cost.
with investeringar as (
    select
        kommun_kod,
        ar,
    {% for version in ['utfall', 'prognos', 'budget', 'plan'] %}
    sum(case when version = '{{ version }}' then belopp_kr end)
        as {{ version }}_kr{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('int_ekonomi__manad') }}
    where lower(tabell) like '%invester%'
    group by kommun_kod, ar
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

kolada as (
    select
        objekt_kod as kommun_kod,
        ar,
        max(case when kolada_id = 'N30001' then varde end) as avvikelse_procent,
        max(case when kolada_id = 'N30026' then varde end) as avvikelse_mnkr
    from {{ ref('int_kolada__varden') }}
    where
        kolada_id in ('N30001', 'N30026')
        and kon = 'T'
        and objekt_kod in (
            select stg.kommun_kod from {{ ref('stg_register__leveranser') }} as stg
        )
    group by objekt_kod, ar
    having max(varde) is not null
),

nycklar as (
    select
        kommun_kod,
        ar
    from {{ ref('int_analys__resultat') }}
    union distinct
    select
        kommun_kod,
        ar
    from investeringar
    union distinct
    select
        kommun_kod,
        ar
    from kolada
)

select
    nycklar.kommun_kod,
    coalesce(kommuner.kommun, nycklar.kommun_kod) as kommun,
    nycklar.ar,
    resultat.version,
    resultat.kalla,
    cast(resultat.resultat_kr as {{ typ_belopp() }}) as resultat_kr,
    cast(resultat.balanserat_resultat_kr as {{ typ_belopp() }})
        as balanserat_resultat_kr,
    underskott.fran_ar as ackumulerat_fran_ar,
    cast(underskott.ackumulerat_kr as {{ typ_belopp() }}) as ackumulerat_resultat_kr,
    cast(underskott.underskott_kr as {{ typ_belopp() }}) as ackumulerat_underskott_kr,
    underskott.uppkom_ar as aldsta_underskott_ar,
    underskott.aterstalls_senast_ar,
    cast(underskott.for_sent_kr as {{ typ_belopp() }}) as ej_aterstallt_i_tid_kr,
    cast(investeringar.utfall_kr as {{ typ_belopp() }}) as investering_utfall_kr,
    cast(investeringar.prognos_kr as {{ typ_belopp() }}) as investering_prognos_kr,
    cast(investeringar.budget_kr as {{ typ_belopp() }}) as investering_budget_kr,
    cast(investeringar.plan_kr as {{ typ_belopp() }}) as investering_plan_kr,
    cast(kolada.avvikelse_procent as {{ typ_double() }})
        as nettokostnadsavvikelse_procent,
    cast(round(kolada.avvikelse_mnkr * 1000000, 2) as {{ typ_belopp() }})
        as nettokostnadsavvikelse_kr
from nycklar
left join {{ ref('int_analys__resultat') }} as resultat
    on
        nycklar.kommun_kod = resultat.kommun_kod
        and nycklar.ar = resultat.ar
left join {{ ref('int_analys__underskott') }} as underskott
    on
        nycklar.kommun_kod = underskott.kommun_kod
        and nycklar.ar = underskott.ar
left join investeringar
    on
        nycklar.kommun_kod = investeringar.kommun_kod
        and nycklar.ar = investeringar.ar
left join kolada
    on
        nycklar.kommun_kod = kolada.kommun_kod
        and nycklar.ar = kolada.ar
left join kommuner
    on nycklar.kommun_kod = kommuner.kommun_kod
