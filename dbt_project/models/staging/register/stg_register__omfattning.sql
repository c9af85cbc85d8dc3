-- What is in force: the deliveries' scopes that the marts see.
with omfattning as (
    select * from {{ source('register', 'omfattning') }}
)

select
    kommun_kod,
    tabell,
    omfattning,
    leverans_id,
    ordning
from omfattning
where gallande
