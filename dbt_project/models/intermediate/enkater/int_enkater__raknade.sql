-- Counted from answers: n in the denominator, positives, the sum of the answers'
-- values, and who answered.
with antal as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        fraga_id,
        count(case when i_namnaren then 1 end) as n_svar,
        count(case when i_namnaren and positiv then 1 end) as n_positiva,
        sum(case when i_namnaren then varde end) as summa_varde,
        case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
            as leverans_id
    from {{ ref('int_enkater__svar') }}
    group by kommun_kod, enkat, ar, malgrupp, organisation, kon, fraga_id
)

select
    antal.*,
    svarande.n_svarande,
    case
        when antal.kon = 'T' and antal.organisation = 'Totalt'
            then {{ kvot('svarande.n_svarande', 'utskick.utskickade', 100) }}
    end as svarsfrekvens
from antal
inner join {{ ref('int_enkater__svarande') }} as svarande
    on
        antal.kommun_kod = svarande.kommun_kod
        and antal.enkat = svarande.enkat
        and antal.ar = svarande.ar
        and antal.malgrupp = svarande.malgrupp
        and antal.organisation = svarande.organisation
        and antal.kon = svarande.kon
left join {{ ref('int_enkater__utskick') }} as utskick
    on
        antal.kommun_kod = utskick.kommun_kod
        and antal.enkat = utskick.enkat
        and antal.ar = utskick.ar
        and antal.malgrupp = utskick.malgrupp
