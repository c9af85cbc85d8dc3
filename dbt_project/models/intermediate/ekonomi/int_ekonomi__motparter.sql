-- The kind of each motpart that occurs in the map; one that does not occur is external.
with motparter as (
    select distinct motpart
    from {{ ref('stg_ekonomi__ekonomi') }}
    where motpart is not null
),

traffar as (
    select
        motparter.motpart,
        karta.motpartstyp,
        row_number() over (
            partition by motparter.motpart
            order by length(karta.motpart_prefix) desc
        ) as ordning
    from motparter
    inner join {{ ref('motparter') }} as karta
        on motparter.motpart like karta.motpart_prefix || '%'
)

select
    motpart,
    motpartstyp
from traffar
where ordning = 1
