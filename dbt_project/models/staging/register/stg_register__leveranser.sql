with leveranser as (
    select * from {{ source('register', 'leveranser') }}
)

select
    leverans_id,
    kalla,
    kommun_kod,
    period_fran as period_fran_dag,
    period_till as period_till_dag,
    uttagen as uttagen_dag,
    cast(mottagen as {{ typ_datum() }}) as mottagen_dag,
    coalesce(preliminar, false) as preliminar
from leveranser
