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
    decimaler,
    riktning,
    kolada_id,
    kolada_alder,
    kolada_indelning,
    kolada_indelning_varde,
    coalesce(kolada_periodtyp, 'ar') as kolada_periodtyp,
    kolada_avvikelse,
    coalesce(matdag, '12-31') as matdag,
    brott_ar,
    brott_senast,
    brott,
    kalla,
    metodversion
from katalog
