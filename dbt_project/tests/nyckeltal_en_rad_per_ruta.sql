-- One row per figure, part and period.
select
    kommun_kod,
    nyckeltal_id,
    organisation,
    kon,
    alder,
    indelning,
    indelning_varde,
    period_start,
    period_slut,
    periodtyp
from {{ ref('int_nyckeltal__alla') }}
group by
    kommun_kod,
    nyckeltal_id,
    organisation,
    kon,
    alder,
    indelning,
    indelning_varde,
    period_start,
    period_slut,
    periodtyp
having count(*) > 1
