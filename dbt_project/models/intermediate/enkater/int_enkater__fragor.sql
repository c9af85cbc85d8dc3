-- The questionnaires' questions, one row per enkät, målgrupp and question.
select distinct
    enkat,
    titel,
    malgrupp,
    malgrupp_namn,
    minst_svarande,
    fraga_id,
    fraga,
    del,
    kolada_id
from {{ ref('stg_enkater__formular') }}
