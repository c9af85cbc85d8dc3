-- A period is written as ÅÅÅÅ, ÅÅÅÅ-MM or ÅÅÅÅ-MM-DD; here it is the first day of its first and last month.
with leveranser as (
    select * from {{ source('register', 'leveranser') }}
)

select
    leverans_id,
    kalla,
    kommun_kod,
    cast(mottagen as {{ typ_datum() }}) as mottagen_dag,
    coalesce(preliminar, false) as preliminar,
    case length(cast(period_fran as {{ typ_text() }}))
        when 4 then cast(period_fran || '-01-01' as {{ typ_datum() }})
        else cast(
            substring(cast(period_fran as {{ typ_text() }}), 1, 7)
            || '-01' as {{ typ_datum() }}
        )
    end as manad_fran,
    case length(cast(period_till as {{ typ_text() }}))
        when 4 then cast(period_till || '-12-01' as {{ typ_datum() }})
        else cast(
            substring(cast(period_till as {{ typ_text() }}), 1, 7)
            || '-01' as {{ typ_datum() }}
        )
    end as manad_till
from leveranser
