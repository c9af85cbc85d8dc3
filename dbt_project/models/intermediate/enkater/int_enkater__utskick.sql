-- How many were invited per målgrupp. A file repeats the number on every row: one
-- number for the whole målgrupp, or one per enhet; only different numbers can be units
-- to add up.
with per_enhet as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        enhet,
        max(utskickade) as utskickade
    from {{ ref('stg_enkater__enkatsvar') }}
    group by kommun_kod, enkat, ar, malgrupp, enhet
),

malgrupper as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        case
            when
                count(utskickade) < count(*) and min(utskickade) <> max(utskickade)
                then null
            when min(utskickade) = max(utskickade) then max(utskickade)
            else sum(utskickade)
        end as utskickade
    from per_enhet
    group by kommun_kod, enkat, ar, malgrupp
),

i_totalt as (
    select distinct
        enkat,
        malgrupp
    from {{ ref('stg_enkater__formular') }}
    where ingar_i_totalt
)

select
    kommun_kod,
    enkat,
    ar,
    malgrupp,
    cast(utskickade as {{ typ_bigint() }}) as utskickade
from malgrupper
union all
select
    malgrupper.kommun_kod,
    malgrupper.enkat,
    malgrupper.ar,
    'totalt' as malgrupp,
    cast(
        case
            when count(malgrupper.utskickade) = count(*) then sum(malgrupper.utskickade)
        end as {{ typ_bigint() }}
    ) as utskickade
from malgrupper
inner join i_totalt
    on
        malgrupper.enkat = i_totalt.enkat
        and malgrupper.malgrupp = i_totalt.malgrupp
group by malgrupper.kommun_kod, malgrupper.enkat, malgrupper.ar
