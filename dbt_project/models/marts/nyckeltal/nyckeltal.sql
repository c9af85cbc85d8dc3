-- The fact of the catalogue's figures with names, units and the version of the method.
with alla as (
    select * from {{ ref('int_nyckeltal__fakta') }}
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
)

select
    cast(alla.kommun_kod as {{ typ_text() }}) as kommun_kod,
    cast(
        coalesce(
            kommuner.kommun,
            case when alla.kommun_kod = '0000' then 'Riket' end,
            alla.kommun_kod
        ) as {{ typ_text() }}
    ) as kommun,
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
