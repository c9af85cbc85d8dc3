{{ gallande_rader('internkontroll') }}

select
    kommun_kod,
    leverans_id,
    rad,
    cast(ar as {{ typ_int() }}) as ar,
    kategori,
    process,
    cast(sannolikhet as {{ typ_int() }}) as sannolikhet,
    cast(konsekvens as {{ typ_int() }}) as konsekvens,
    cast(riskindex as {{ typ_int() }}) as riskindex,
    risk,
    kontrollmoment,
    kontrollansvar,
    frekvens,
    metod,
    rapportering,
    kontroll_id,
    cast(provade as {{ typ_bigint() }}) as provade,
    cast(avvikelser as {{ typ_bigint() }}) as avvikelser,
    utfall,
    atgard,
    kalla
from gallande
