-- Every answer in every group it is counted in: its målgrupp and the sum "totalt", its
-- enhet and the whole, its sex and both. Respondents are numbered within a målgrupp:
-- number 1 of two of them is two persons in "totalt".
with svar as (
    select
        enkatsvar.*,
        formular.ingar_i_totalt,
        formular.positiv,
        formular.i_namnaren,
        formular.varde
    from {{ ref('stg_enkater__enkatsvar') }} as enkatsvar
    inner join {{ ref('stg_enkater__formular') }} as formular
        on
            enkatsvar.enkat = formular.enkat
            and enkatsvar.malgrupp = formular.malgrupp
            and enkatsvar.fraga_id = formular.fraga_id
            and lower(enkatsvar.svar) in (
                lower(formular.svar), lower(formular.svar_text)
            )
),

malgrupper as (
    select
        svar.*,
        svar.malgrupp as redovisad_malgrupp
    from svar
    union all
    select
        svar.*,
        'totalt' as redovisad_malgrupp
    from svar
    where svar.ingar_i_totalt
),

organisationer as (
    select
        malgrupper.*,
        'Totalt' as organisation
    from malgrupper
    union all
    select
        malgrupper.*,
        malgrupper.enhet as organisation
    from malgrupper
    where malgrupper.enhet <> 'Totalt'
)

select
    organisationer.kommun_kod,
    organisationer.leverans_id,
    organisationer.enkat,
    organisationer.ar,
    organisationer.redovisad_malgrupp as malgrupp,
    organisationer.organisation,
    kon_grupper.kon_redovisad as kon,
    organisationer.malgrupp || '/' || organisationer.respondent_id as respondent_id,
    organisationer.fraga_id,
    organisationer.positiv,
    organisationer.i_namnaren,
    organisationer.varde
from organisationer
inner join {{ ref('kon_grupper') }} as kon_grupper
    on organisationer.kon = kon_grupper.kon
