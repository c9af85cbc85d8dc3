-- One row per adult with aid and month: a person in two households in a month is one row. Children have no
-- identity of their own in the deliveries; they are counted per household.
with rader as (
    select * from {{ ref('stg_forsorjningsstod__forsorjningsstod') }}
),

utan_bistand as (
    select
        kommun_kod,
        hushall_id,
        manad
    from {{ ref('int_ekonomiskt_bistand__hushallsmanader') }}
    where bistand = 0
),

vuxna as (
    select
        rader.kommun_kod,
        rader.hushall_id,
        rader.manad,
        rader.hushallstyp,
        rader.enhet,
        rader.ansokan_dag,
        rader.sokande_id as person_id,
        rader.sokande_kon as kon,
        rader.sokande_fodelsear as fodelsear
    from rader
    union all
    select
        rader.kommun_kod,
        rader.hushall_id,
        rader.manad,
        rader.hushallstyp,
        rader.enhet,
        rader.ansokan_dag,
        rader.medsokande_id as person_id,
        coalesce(rader.medsokande_kon, 'O') as kon,
        rader.medsokande_fodelsear as fodelsear
    from rader
    where rader.medsokande_id is not null
),

personmanader as (
    select
        vuxna.kommun_kod,
        vuxna.person_id,
        vuxna.manad,
        extract(year from vuxna.manad) as ar,
        min(vuxna.kon) as kon,
        max(vuxna.fodelsear) as fodelsear,
        min(vuxna.hushallstyp) as hushallstyp,
        coalesce(min(vuxna.enhet), 'Okänd enhet') as enhet,
        min(vuxna.ansokan_dag) as ansokan_dag
    from vuxna
    left join utan_bistand
        on
            vuxna.kommun_kod = utan_bistand.kommun_kod
            and vuxna.hushall_id = utan_bistand.hushall_id
            and vuxna.manad = utan_bistand.manad
    where utan_bistand.hushall_id is null
    group by vuxna.kommun_kod, vuxna.person_id, vuxna.manad
),

med_nasta as (
    select
        personmanader.*,
        lead(manad) over person as nasta_manad,
        lead(ansokan_dag) over person as nasta_ansokan_dag
    from personmanader
    window person as (partition by kommun_kod, person_id order by manad)
)

select
    med_nasta.*,
    case when extract(year from nasta_manad) = ar then nasta_manad end
        as nasta_manad_i_aret
from med_nasta
