-- An answer that no questionnaire knows would leave every count without a trace.
select
    enkatsvar.kommun_kod,
    enkatsvar.leverans_id,
    enkatsvar.enkat,
    enkatsvar.malgrupp,
    enkatsvar.fraga_id,
    enkatsvar.svar,
    count(*) as antal
from {{ ref('stg_enkater__enkatsvar') }} as enkatsvar
where
    enkatsvar.svar is not null
    and not exists (
        select 1
        from {{ ref('stg_enkater__formular') }} as formular
        where
            formular.enkat = enkatsvar.enkat
            and formular.malgrupp = enkatsvar.malgrupp
            and formular.fraga_id = enkatsvar.fraga_id
            and lower(enkatsvar.svar)
            in (lower(formular.svar), lower(formular.svar_text))
    )
group by
    enkatsvar.kommun_kod, enkatsvar.leverans_id, enkatsvar.enkat,
    enkatsvar.malgrupp, enkatsvar.fraga_id, enkatsvar.svar
