-- How many were invited per målgrupp. A file repeats the number on every row: one
-- number for the whole målgrupp, or one per enhet. Different numbers are units to add
-- up, and so is one number that more have answered than were invited by it.
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

svarande as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        n_svarande
    from {{ ref('int_enkater__svarande') }}
    where organisation = 'Totalt' and kon = 'T'
),

malgrupper as (
    select
        per_enhet.kommun_kod,
        per_enhet.enkat,
        per_enhet.ar,
        per_enhet.malgrupp,
        case
            when
                min(per_enhet.utskickade) = max(per_enhet.utskickade)
                and coalesce(max(svarande.n_svarande), 0) <= max(per_enhet.utskickade)
                then max(per_enhet.utskickade)
            when count(per_enhet.utskickade) = count(*) then sum(per_enhet.utskickade)
        end as utskickade
    from per_enhet
    left join svarande
        on
            per_enhet.kommun_kod = svarande.kommun_kod
            and per_enhet.enkat = svarande.enkat
            and per_enhet.ar = svarande.ar
            and per_enhet.malgrupp = svarande.malgrupp
    group by
        per_enhet.kommun_kod, per_enhet.enkat, per_enhet.ar, per_enhet.malgrupp
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
