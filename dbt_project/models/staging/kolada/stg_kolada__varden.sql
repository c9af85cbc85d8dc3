-- Kolada's values of every fetch in force, one to one; int_kolada__varden chooses among fetches.
{{ gallande_rader('kolada_varden') }}

select
    nyckeltal as kolada_id,
    objekt_kod,
    objekt_typ,
    cast(ar as {{ typ_int() }}) as ar,
    kon,
    varde,
    cast(antal as {{ typ_bigint() }}) as antal,
    status,
    status_rad,
    preliminar,
    hamtad as hamtad_dag,
    urval,
    ursprung,
    kalltext,
    titel,
    leverans_id,
    rad,
    cast(ordning as {{ typ_bigint() }}) as ordning
from gallande
