with katalog as (
    select * from {{ source('register', 'katalog') }}
)

select
    nyckeltal_id,
    titel,
    omrade,
    enhet,
    varde as vardetyp,
    faktor,
    riktning,
    kolada_id,
    kalla,
    metodversion
from katalog
