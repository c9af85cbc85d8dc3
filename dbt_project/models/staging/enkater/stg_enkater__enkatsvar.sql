{{ gallande_rader('enkatsvar') }}

select
    kommun_kod,
    leverans_id,
    rad,
    enkat,
    cast(ar as {{ typ_int() }}) as ar,
    malgrupp,
    respondent_id,
    fraga_id,
    svar,
    kon,
    coalesce(enhet, 'Totalt') as enhet,
    cast(utskickade as {{ typ_bigint() }}) as utskickade
from gallande
