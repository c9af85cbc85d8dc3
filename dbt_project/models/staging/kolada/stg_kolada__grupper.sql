{{ gallande_rader('kolada_grupper') }}

select
    grupp_id,
    grupp,
    fokus_kod,
    fokus,
    omrade,
    cast(argang as {{ typ_int() }}) as argang,
    medlem_kod,
    medlem,
    hamtad as hamtad_dag,
    urval,
    ursprung,
    kalltext,
    leverans_id,
    cast(ordning as {{ typ_bigint() }}) as ordning
from gallande
