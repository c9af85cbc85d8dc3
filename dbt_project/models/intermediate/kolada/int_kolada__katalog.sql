-- The latest description of every KPI that any snapshot has had; `finns_kvar` is false for those that vanished.
with numrerade as (
    select
        katalog.*,
        row_number() over (
            partition by kolada_id
            -- a fetched snapshot before the shipped one of the same day
            order by hamtad_dag desc, ordning desc, leverans_id asc
        ) as version,
        max(case when urval = 'alla' then hamtad_dag end) over () as senaste_hamtning
    from {{ ref('stg_kolada__katalog') }} as katalog
)

select
    kolada_id,
    titel,
    beskrivning,
    enhet,
    delas_pa_kon,
    objekttyp,
    omrade,
    nasta_period,
    prel_publicering_dag,
    publicering_dag,
    avslutad_ar,
    hamtad_dag,
    senaste_hamtning is null or hamtad_dag >= senaste_hamtning as finns_kvar,
    leverans_id
from numrerade
where version = 1
