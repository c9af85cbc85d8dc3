-- Every mått the committee follows: what we count ourselves and what is delivered as ready figures, side by side.
with nyckeltal as (
    select * from {{ ref('int_nyckeltal__alla') }}
),

levererade as (
    select * from {{ ref('int_matt__verksamhetsmatt') }}
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

beraknade as (
    select
        nyckeltal.kommun_kod,
        coalesce(kommuner.kommun, nyckeltal.kommun_kod) as kommun,
        nyckeltal.nyckeltal_id as matt_id,
        coalesce(katalog.titel, nyckeltal.nyckeltal_id) as matt,
        katalog.omrade,
        katalog.enhet,
        nyckeltal.organisation,
        nyckeltal.kon,
        nyckeltal.alder,
        nyckeltal.indelning,
        nyckeltal.indelning_varde,
        nyckeltal.period_start,
        nyckeltal.period_slut,
        nyckeltal.periodtyp,
        'utfall' as version,
        nyckeltal.taljare,
        nyckeltal.namnare,
        nyckeltal.varde,
        nyckeltal.n,
        nyckeltal.status,
        katalog.kalla,
        cast(null as {{ typ_text() }}) as tabell,
        nyckeltal.leverans_id,
        cast(null as {{ typ_bigint() }}) as rad
    from nyckeltal
    left join katalog
        on nyckeltal.nyckeltal_id = katalog.nyckeltal_id
    left join kommuner
        on nyckeltal.kommun_kod = kommuner.kommun_kod
),

inlamnade as (
    select
        kommun_kod,
        kommun,
        matt_id,
        matt,
        omrade,
        enhet,
        coalesce(organisation, 'Totalt') as organisation,
        kon,
        'totalt' as alder,
        case when malgrupp is null then 'totalt' else 'malgrupp' end as indelning,
        coalesce(malgrupp, 'totalt') as indelning_varde,
        period_start,
        period_slut,
        periodtyp,
        version,
        taljare,
        namnare,
        varde,
        cast(null as {{ typ_bigint() }}) as n,
        status,
        kalla,
        tabell,
        leverans_id,
        rad
    from levererade
),

alla as (
    select * from beraknade
    union all
    select * from inlamnade
)

select
    cast(kommun_kod as {{ typ_text() }}) as kommun_kod,
    cast(kommun as {{ typ_text() }}) as kommun,
    cast(matt_id as {{ typ_text() }}) as matt_id,
    cast(matt as {{ typ_text() }}) as matt,
    cast(omrade as {{ typ_text() }}) as omrade,
    cast(enhet as {{ typ_text() }}) as enhet,
    cast(organisation as {{ typ_text() }}) as organisation,
    cast(kon as {{ typ_text() }}) as kon,
    cast(alder as {{ typ_text() }}) as alder,
    cast(indelning as {{ typ_text() }}) as indelning,
    cast(indelning_varde as {{ typ_text() }}) as indelning_varde,
    period_start,
    period_slut,
    cast(periodtyp as {{ typ_text() }}) as periodtyp,
    cast(version as {{ typ_text() }}) as version,
    cast(taljare as {{ typ_double() }}) as taljare,
    cast(namnare as {{ typ_double() }}) as namnare,
    cast(varde as {{ typ_double() }}) as varde,
    cast(n as {{ typ_bigint() }}) as n,
    cast(status as {{ typ_text() }}) as status,
    cast(kalla as {{ typ_text() }}) as kalla,
    cast(tabell as {{ typ_text() }}) as tabell,
    cast(leverans_id as {{ typ_text() }}) as leverans_id,
    cast(rad as {{ typ_bigint() }}) as rad
from alla
