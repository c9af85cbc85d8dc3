with kommuner as (
    select * from {{ source('register', 'kommuner') }}
)

select
    kommun_kod,
    kommun,
    lan_kod,
    lan
from kommuner
