{{ gallande_rader('kolada_kommuner') }}

select
    objekt_kod,
    objekt,
    objekt_typ,
    hamtad as hamtad_dag,
    urval,
    kalltext,
    leverans_id,
    cast(ordning as {{ typ_bigint() }}) as ordning
from gallande
