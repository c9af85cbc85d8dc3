with formular as (
    select * from {{ source('register', 'formular') }}
)

select
    enkat,
    titel,
    malgrupp,
    malgrupp_namn,
    minst_svarande,
    ingar_i_totalt,
    fraga_id,
    fraga,
    del,
    kolada_id,
    svar,
    svar_text,
    positiv,
    i_namnaren,
    varde
from formular
