{{ gallande_rader('ekonomi') }}

select
    kommun_kod,
    leverans_id,
    rad,
    ordning,
    cast(ar as {{ typ_int() }}) as ar,
    cast(manad as {{ typ_int() }}) as manad,
    version,
    budgetversion,
    prognosomgang,
    konto,
    post,
    ansvar,
    ansvar_namn,
    verksamhet,
    verksamhet_namn,
    motpart,
    radtyp,
    cast(belopp_kr as {{ typ_belopp() }}) as belopp_redovisning_kr,
    coalesce(tabell, 'huvudbok') as tabell
from gallande
