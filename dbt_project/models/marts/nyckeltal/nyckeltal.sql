-- The one fact of the catalogue's figures: ours, and those delivered as figures under a catalogue id. Täljare and
-- nämnare always stand beside the value, so that a figure over municipalities or periods is divided last.
with egna as (
    select * from {{ ref('int_nyckeltal__alla') }}
),

levererade as (
    select * from {{ ref('int_matt__verksamhetsmatt') }}
    where version = 'utfall'
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

alla as (
    select
        {{ nyckeltal_kolumner() }},
        'egen_berakning' as ursprung
    from egna
    union all
    select
        kommun_kod,
        matt_id as nyckeltal_id,
        coalesce(organisation, 'Totalt') as organisation,
        kon,
        'totalt' as alder,
        case when malgrupp is null then 'totalt' else 'malgrupp' end as indelning,
        coalesce(malgrupp, 'totalt') as indelning_varde,
        period_start,
        period_slut,
        periodtyp,
        taljare,
        namnare,
        varde,
        cast(null as {{ typ_bigint() }}) as n,
        status,
        leverans_id,
        'manuell' as ursprung
    from levererade
)

select
    cast(alla.kommun_kod as {{ typ_text() }}) as kommun_kod,
    cast(coalesce(kommuner.kommun, alla.kommun_kod) as {{ typ_text() }}) as kommun,
    cast(alla.nyckeltal_id as {{ typ_text() }}) as nyckeltal_id,
    cast(katalog.titel as {{ typ_text() }}) as titel,
    cast(katalog.enhet as {{ typ_text() }}) as enhet,
    cast(alla.organisation as {{ typ_text() }}) as organisation,
    cast(alla.kon as {{ typ_text() }}) as kon,
    cast(alla.alder as {{ typ_text() }}) as alder,
    cast(alla.indelning as {{ typ_text() }}) as indelning,
    cast(alla.indelning_varde as {{ typ_text() }}) as indelning_varde,
    alla.period_start,
    alla.period_slut,
    cast(alla.periodtyp as {{ typ_text() }}) as periodtyp,
    cast(alla.taljare as {{ typ_double() }}) as taljare,
    cast(alla.namnare as {{ typ_double() }}) as namnare,
    cast(alla.varde as {{ typ_double() }}) as varde,
    cast(alla.n as {{ typ_bigint() }}) as n,
    cast(alla.status as {{ typ_text() }}) as status,
    cast(alla.ursprung as {{ typ_text() }}) as ursprung,
    cast(katalog.metodversion as {{ typ_text() }}) as metodversion,
    cast(alla.leverans_id as {{ typ_text() }}) as leverans_id
from alla
inner join katalog
    on alla.nyckeltal_id = katalog.nyckeltal_id
left join kommuner
    on alla.kommun_kod = kommuner.kommun_kod
