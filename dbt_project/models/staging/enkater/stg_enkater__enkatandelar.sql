-- Ready shares. A printed token has no figure: two dots and two dashes mean suppressed,
-- all others missing.
{{ gallande_rader('enkatandelar') }}

select
    kommun_kod,
    leverans_id,
    rad,
    enkat,
    cast(ar as {{ typ_int() }}) as ar,
    malgrupp,
    fraga_id,
    kon,
    coalesce(enhet, 'Totalt') as organisation,
    case when token is null then cast(n_svar as {{ typ_bigint() }}) end as n_svar,
    case when token is null then cast(n_positiva as {{ typ_bigint() }}) end
        as n_positiva,
    case when token is null then cast(andel as {{ typ_double() }}) end as andel,
    case when token is null then cast(svarsfrekvens as {{ typ_double() }}) end
        as svarsfrekvens,
    case
        when token in ('..', '--', 'undertryckt') then 'undertryckt'
        when token is not null then 'saknas'
    end as token_status
from gallande
