{{ gallande_rader('mal') }}

select
    kommun_kod,
    leverans_id,
    rad,
    cast(ar as {{ typ_int() }}) as ar,
    mal_id,
    malomrade,
    inriktningsmal,
    effektmal,
    matt_id,
    matt,
    riktning,
    cast(malvarde as {{ typ_double() }}) as malvarde,
    cast(malvarde_ovre as {{ typ_double() }}) as malvarde_ovre,
    cast(tolerans as {{ typ_double() }}) as tolerans,
    jamforelse,
    matmetod,
    tillfallen,
    enheter,
    kalla,
    ansvarig,
    coalesce(regel, 'alla') as regel,
    cast(vikt as {{ typ_double() }}) as vikt,
    tillfalle,
    case namndens_bedomning
        when 'helt_uppfyllt' then 'helt uppfyllt'
        when 'delvis_uppfyllt' then 'delvis uppfyllt'
        when 'ej_uppfyllt' then 'ej uppfyllt'
        when 'kan_ej_utvarderas' then 'kan ej utvärderas'
    end as namndens_bedomning,
    motivering
from gallande
