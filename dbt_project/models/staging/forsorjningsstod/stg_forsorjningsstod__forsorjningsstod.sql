{{ gallande_rader('forsorjningsstod') }}

select
    kommun_kod,
    leverans_id,
    rad,
    hushall_id,
    manad,
    vuxna,
    barn,
    hushallstyp,
    belopp_kr,
    forsorjningshinder,
    enhet,
    ansokan as ansokan_dag,
    beslut as beslut_dag,
    sokande_id,
    sokande_kon,
    sokande_fodelsear,
    medsokande_id,
    medsokande_kon,
    medsokande_fodelsear
from gallande
