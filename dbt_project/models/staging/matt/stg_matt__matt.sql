-- A printed figure keeps its token's meaning: what is missing or suppressed has no
-- value, never 0.
{{ gallande_rader('matt') }}

select
    kommun_kod,
    leverans_id,
    rad,
    ordning,
    tabell,
    omrade,
    matt_id,
    matt,
    enhet,
    coalesce(organisation, 'Totalt') as organisation,
    malgrupp,
    kon,
    cast(ar as {{ typ_int() }}) as ar,
    cast(manad as {{ typ_int() }}) as manad,
    periodtyp,
    version,
    case
        when status in ('ok', 'preliminar') then cast(varde as {{ typ_double() }})
    end as varde,
    case
        when status in ('ok', 'preliminar') and varde is null then 'saknas'
        else status
    end as status,
    case
        when status in ('ok', 'preliminar') then cast(taljare as {{ typ_double() }})
    end
        as taljare,
    case
        when status in ('ok', 'preliminar') then cast(namnare as {{ typ_double() }})
    end
        as namnare,
    kalla
from gallande
