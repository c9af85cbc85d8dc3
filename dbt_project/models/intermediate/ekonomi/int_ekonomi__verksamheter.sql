-- The RS row of each local verksamhet: the municipality's own map first, then the
-- longest prefix.
with verksamheter as (
    select distinct
        kommun_kod,
        verksamhet
    from {{ ref('stg_ekonomi__ekonomi') }}
    where verksamhet is not null
),

traffar as (
    select
        verksamheter.kommun_kod,
        verksamheter.verksamhet,
        karta.rs_rad,
        karta.rs_namn,
        karta.placeringsform,
        row_number() over (
            partition by verksamheter.kommun_kod, verksamheter.verksamhet
            order by
                case when karta.kommun_kod = '*' then 1 else 0 end,
                length(karta.verksamhet_prefix) desc
        ) as ordning
    from verksamheter
    inner join {{ ref('rs_verksamhet') }} as karta
        on
            karta.kommun_kod in (verksamheter.kommun_kod, '*')
            and verksamheter.verksamhet like karta.verksamhet_prefix || '%'
)

select
    kommun_kod,
    verksamhet,
    rs_rad,
    rs_namn,
    placeringsform
from traffar
where ordning = 1
