-- Inhabitants on 31 December per age group and sex (T = both): the denominators of
-- every share of the population.
with grupper as (
    select
        befolkning.kommun_kod,
        befolkning.ar,
        grupper.alder,
        kon_grupper.kon_redovisad as kon,
        sum(befolkning.antal) as antal,
        case
            when
                min(befolkning.leverans_id) = max(befolkning.leverans_id)
                then min(befolkning.leverans_id)
        end
            as leverans_id
    from {{ ref('stg_befolkning__befolkning') }} as befolkning
    inner join {{ ref('befolkningsgrupper') }} as grupper
        on befolkning.alder between grupper.fran_ar and grupper.till_ar
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on befolkning.kon = kon_grupper.kon
    group by
        befolkning.kommun_kod, befolkning.ar, grupper.alder, kon_grupper.kon_redovisad
)

select
    grupper.kommun_kod,
    grupper.ar,
    grupper.alder,
    grupper.kon,
    cast(grupper.antal as {{ typ_bigint() }}) as antal,
    -- Mean of two year ends; null when last year's population has not been delivered.
    cast(grupper.antal + foregaende.antal as {{ typ_double() }}) / 2 as medelfolkmangd,
    grupper.leverans_id
from grupper
left join grupper as foregaende
    on
        grupper.kommun_kod = foregaende.kommun_kod
        and grupper.ar = foregaende.ar + 1
        and grupper.alder = foregaende.alder
        and grupper.kon = foregaende.kon
