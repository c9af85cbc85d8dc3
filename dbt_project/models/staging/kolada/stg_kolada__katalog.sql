{{ gallande_rader('kolada_katalog') }}

select
    nyckeltal as kolada_id,
    titel,
    beskrivning,
    enhet,
    delas_pa_kon,
    objekttyp,
    huvudman,
    omrade,
    perspektiv,
    prel_publicering as prel_publicering_dag,
    publicering as publicering_dag,
    cast(nasta_period as {{ typ_int() }}) as nasta_period,
    har_enheter,
    cast(avslutad as {{ typ_int() }}) as avslutad_ar,
    hamtad as hamtad_dag,
    urval,
    kalltext,
    leverans_id,
    cast(ordning as {{ typ_bigint() }}) as ordning
from gallande
