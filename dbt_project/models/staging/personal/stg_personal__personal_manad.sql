{{ gallande_rader('personal_manad') }}

select
    kommun_kod,
    leverans_id,
    rad,
    cast(manad as date) as manad,
    enhet,
    kon,
    cast(sjuk_timmar as {{ typ_double() }}) as sjuk_timmar,
    cast(sjuk_timmar_1_14 as {{ typ_double() }}) as sjuk_timmar_1_14,
    cast(sjuk_timmar_60 as {{ typ_double() }}) as sjuk_timmar_60,
    cast(sjuk_timmar_180 as {{ typ_double() }}) as sjuk_timmar_180,
    cast(ordinarie_timmar as {{ typ_double() }}) as ordinarie_timmar,
    cast(anstallda as {{ typ_double() }}) as anstallda,
    cast(arsarbetare as {{ typ_double() }}) as arsarbetare,
    cast(chefer as {{ typ_double() }}) as chefer,
    cast(borjat as {{ typ_double() }}) as borjat,
    cast(slutat as {{ typ_double() }}) as slutat
from gallande
