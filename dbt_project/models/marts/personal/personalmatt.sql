-- Figures computed from monthly rows, and ready figures as the municipality printed
-- them.
with beraknade as (
    select
        kommun_kod,
        matt_id,
        cast(null as {{ typ_text() }}) as matt,
        cast(null as {{ typ_text() }}) as enhet,
        organisation,
        kon,
        period_start,
        period_slut,
        periodtyp,
        'utfall' as version,
        taljare,
        namnare,
        varde,
        status,
        'Beräknat ur personalsystemets månadsrader' as kalla,
        leverans_id,
        cast(null as {{ typ_bigint() }}) as rad
    from {{ ref('int_personal__matt') }}
),

-- A ready figure has no month: it stands for its year, an r12 or a point in time at the
-- year's end.
fardiga as (
    select
        kommun_kod,
        matt_id,
        matt,
        enhet,
        'Totalt' as organisation,
        kon,
        {{ ar_start('ar') }} as period_start,
        {{ ar_slut('ar') }} as period_slut,
        case when periodtyp = 'tidpunkt' then 'ar' else periodtyp end as periodtyp,
        version,
        cast(null as {{ typ_double() }}) as taljare,
        cast(null as {{ typ_double() }}) as namnare,
        varde,
        status,
        coalesce(kalla, tabell) as kalla,
        leverans_id,
        cast(rad as {{ typ_bigint() }}) as rad
    from {{ ref('stg_personal__personal_matt') }}
),

alla as (
    select * from beraknade
    union all
    select * from fardiga
)

select
    alla.kommun_kod,
    coalesce(kommuner.kommun, alla.kommun_kod) as kommun,
    alla.matt_id,
    coalesce(alla.matt, katalog.titel, alla.matt_id) as matt,
    coalesce(alla.enhet, katalog.enhet) as enhet,
    alla.organisation,
    alla.kon,
    alla.period_start,
    alla.period_slut,
    alla.periodtyp,
    alla.version,
    alla.taljare,
    alla.namnare,
    alla.varde,
    alla.status,
    alla.kalla,
    alla.leverans_id,
    alla.rad
from alla
left join {{ ref('stg_register__katalog') }} as katalog
    on alla.matt_id = katalog.nyckeltal_id
left join {{ ref('stg_register__kommuner') }} as kommuner
    on alla.kommun_kod = kommuner.kommun_kod
