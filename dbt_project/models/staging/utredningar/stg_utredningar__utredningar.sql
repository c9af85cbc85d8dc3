{{ gallande_rader('utredningar', nyckel='arende_id') }}

select
    kommun_kod,
    leverans_id,
    rad,
    arende_id,
    person_id,
    kon,
    fodelsear,
    slag,
    inkom as inkom_dag,
    coalesce(inkomstsatt, 'okant') as inkomstsatt,
    forhandsbedomning_klar as forhandsbedomning_klar_dag,
    forhandsbedomning_forlangd_till as forhandsbedomning_forlangd_till_dag,
    inledd as inledd_dag,
    coalesce(avslutad, case when inledd <= sist_kand_dag then sist_kand_dag end)
        as avslutad_dag,
    forlangd_till as forlangd_till_dag,
    coalesce(utfall, 'okant') as utfall,
    coalesce(enhet, 'Okänd enhet') as enhet,
    coalesce(ensamkommande, false) as ensamkommande
from gallande
