-- The members of each group vintage, from its latest snapshot: ids of groups stay while members change.
with numrerade as (
    select
        grupper.*,
        rank() over (
            partition by grupp, coalesce(argang, 0)
            order by hamtad_dag desc, ordning desc
        ) as version
    from {{ ref('stg_kolada__grupper') }} as grupper
)

select
    grupp_id,
    grupp,
    fokus_kod,
    fokus,
    omrade,
    argang,
    medlem_kod,
    medlem,
    hamtad_dag,
    ursprung,
    kalltext,
    leverans_id
from numrerade
where version = 1
