-- taljare is the sum of the items' indexes and namnare the number of items: the
-- definition is a mean of items.
select
    kommun_kod,
    nyckeltal_id,
    organisation,
    kon,
    'totalt' as alder,
    'totalt' as indelning,
    'totalt' as indelning_varde,
    {{ ar_start('ar') }} as period_start,
    {{ ar_slut('ar') }} as period_slut,
    'ar' as periodtyp,
    cast(summa_index as {{ typ_double() }}) as taljare,
    cast(antal as {{ typ_double() }}) as namnare,
    {{ kvot('summa_index', 'antal') }} as varde,
    cast(n_svarande as {{ typ_bigint() }}) as n,
    status,
    leverans_id
from {{ ref('int_enkater__hme') }}
