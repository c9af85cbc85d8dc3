{{ gallande_rader('placeringar', nyckel='placering_id') }}

select
    kommun_kod,
    leverans_id,
    rad,
    placering_id,
    person_id,
    kon,
    fodelsear,
    start as start_dag,
    coalesce(slut, sist_kand_dag) as slut_dag,
    form,
    lagrum,
    regi,
    case
        when i_kommunen then 'i_kommunen'
        when not i_kommunen then 'utanfor_kommunen'
        else 'okand'
    end as plats,
    coalesce(enhet, 'Okänd enhet') as enhet,
    dygnskostnad_kr,
    coalesce(ensamkommande, false) as ensamkommande
from gallande
