-- The figures goals are judged by: the whole municipality, both sexes, outcome. A
-- figure that we count ourselves comes before a delivered one with the same id.
with alla as (
    select
        kommun_kod,
        nyckeltal_id as matt_id,
        period_slut,
        periodtyp,
        taljare,
        namnare,
        varde,
        status,
        1 as rang
    from {{ ref('int_nyckeltal__alla') }}
    where
        organisation = 'Totalt'
        and kon = 'T'
        and alder = 'totalt'
        and indelning = 'totalt'
    union all
    select
        kommun_kod,
        matt_id,
        period_slut,
        periodtyp,
        taljare,
        namnare,
        varde,
        status,
        2 as rang
    from {{ ref('int_matt__verksamhetsmatt') }}
    where organisation = 'Totalt' and kon = 'T' and version = 'utfall'
),

rangordnade as (
    select
        *,
        row_number() over (
            partition by kommun_kod, matt_id, period_slut, periodtyp
            order by rang asc, varde desc nulls last
        ) as ordning
    from alla
)

select
    kommun_kod,
    matt_id,
    period_slut,
    periodtyp,
    cast({{ month_number('period_slut') }} as {{ typ_int() }}) as manadsnummer,
    taljare,
    namnare,
    varde,
    status
from rangordnade
where ordning = 1
