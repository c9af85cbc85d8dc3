{{ gallande_rader('insatser', nyckel='insats_id') }}

select
    kommun_kod,
    leverans_id,
    rad,
    insats_id,
    person_id,
    kon,
    fodelsear,
    malgrupp,
    slag,
    start as start_dag,
    coalesce(slut, sist_kand_dag) as slut_dag,
    regi,
    coalesce(enhet, 'Okänd enhet') as enhet
from gallande
