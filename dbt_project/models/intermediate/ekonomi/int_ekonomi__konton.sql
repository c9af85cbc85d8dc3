-- The group of each account that occurs: the longest matching prefix of the seed.
with konton as (
    select distinct konto
    from {{ ref('stg_ekonomi__ekonomi') }}
    where konto is not null
),

traffar as (
    select
        konton.konto,
        kontogrupper.kontogrupp,
        kontogrupper.slag,
        kontogrupper.forsaljning,
        row_number() over (
            partition by konton.konto
            order by length(kontogrupper.konto_prefix) desc
        ) as ordning
    from konton
    inner join {{ ref('kontogrupper') }} as kontogrupper
        on konton.konto like kontogrupper.konto_prefix || '%'
)

select
    konto,
    kontogrupp,
    slag,
    forsaljning
from traffar
where ordning = 1
