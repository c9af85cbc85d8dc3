{{ gallande_rader('personal_manad') }}

-- Exact decimals: a sum of doubles depends on the order of the rows, and a frozen figure
-- must come out the same when it is built anew.
select
    kommun_kod,
    leverans_id,
    rad,
    cast(manad as date) as manad,
    enhet,
    kon,
    cast(sjuk_timmar as {{ typ_varde() }}) as sjuk_timmar,
    cast(sjuk_timmar_1_14 as {{ typ_varde() }}) as sjuk_timmar_1_14,
    cast(sjuk_timmar_60 as {{ typ_varde() }}) as sjuk_timmar_60,
    cast(sjuk_timmar_180 as {{ typ_varde() }}) as sjuk_timmar_180,
    cast(ordinarie_timmar as {{ typ_varde() }}) as ordinarie_timmar,
    cast(anstallda as {{ typ_varde() }}) as anstallda,
    cast(arsarbetare as {{ typ_varde() }}) as arsarbetare,
    cast(chefer as {{ typ_varde() }}) as chefer,
    cast(borjat as {{ typ_varde() }}) as borjat,
    cast(slutat as {{ typ_varde() }}) as slutat
from gallande
