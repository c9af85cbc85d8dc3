-- January-to-month sums stay in personalmatt: a goal about absence is judged by twelve
-- rolling months.
select
    kommun_kod,
    matt_id as nyckeltal_id,
    organisation,
    kon,
    'totalt' as alder,
    'totalt' as indelning,
    'totalt' as indelning_varde,
    period_start,
    period_slut,
    periodtyp,
    taljare,
    namnare,
    varde,
    n,
    status,
    leverans_id
from {{ ref('int_personal__matt') }}
where periodtyp in ('manad', 'r12', 'ar')
