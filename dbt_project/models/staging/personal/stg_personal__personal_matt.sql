{{ gallande_rader('personal_matt') }}

select
    kommun_kod,
    leverans_id,
    rad,
    tabell,
    matt,
    coalesce(matt_id, {{ slug('tabell') }} || '__' || {{ slug('matt') }}) as matt_id,
    enhet,
    kon,
    cast(ar as {{ typ_int() }}) as ar,
    periodtyp,
    version,
    case when status in ('ok', 'preliminar') then cast(varde as {{ typ_double() }}) end
        as varde,
    case
        when status in ('ok', 'preliminar') and varde is null then 'saknas' else status
    end as status,
    kalla
from gallande
