{{ gallande_rader('befolkning') }}

select
    kommun_kod,
    leverans_id,
    rad,
    cast(ar as {{ typ_int() }}) as ar,
    cast(alder as {{ typ_int() }}) as alder,
    kon,
    cast(antal as {{ typ_bigint() }}) as antal
from gallande
