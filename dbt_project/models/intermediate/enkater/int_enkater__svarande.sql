-- How many answered at least one question. Answers without a respondent id are counted
-- by the question most of them answered, which never says too many.
with per_fraga as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        fraga_id,
        count(case when respondent_id is null then 1 end) as utan_id
    from {{ ref('int_enkater__svar') }}
    group by kommun_kod, enkat, ar, malgrupp, organisation, kon, fraga_id
),

utan_id as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        max(utan_id) as antal
    from per_fraga
    group by kommun_kod, enkat, ar, malgrupp, organisation, kon
),

med_id as (
    select
        kommun_kod,
        enkat,
        ar,
        malgrupp,
        organisation,
        kon,
        count(distinct respondent_id) as antal
    from {{ ref('int_enkater__svar') }}
    group by kommun_kod, enkat, ar, malgrupp, organisation, kon
)

select
    med_id.kommun_kod,
    med_id.enkat,
    med_id.ar,
    med_id.malgrupp,
    med_id.organisation,
    med_id.kon,
    cast(med_id.antal + utan_id.antal as {{ typ_bigint() }}) as n_svarande
from med_id
inner join utan_id
    on
        med_id.kommun_kod = utan_id.kommun_kod
        and med_id.enkat = utan_id.enkat
        and med_id.ar = utan_id.ar
        and med_id.malgrupp = utan_id.malgrupp
        and med_id.organisation = utan_id.organisation
        and med_id.kon = utan_id.kon
