-- Each person's unbroken spells of care, once for the person as a whole and once for every form, legal ground, regi,
-- place and unit: placements that overlap or meet on a day are one spell there, so that a day is counted once in
-- the person's total and once in each form.
with placeringar as (
    select * from {{ ref('stg_placeringar__placeringar') }}
),

formgrupper as (
    select * from {{ ref('placeringsformer') }}
),

personplaceringar as (
    select
        kommun_kod,
        person_id,
        start_dag,
        coalesce(slut_dag, cast('2999-12-31' as {{ typ_datum() }})) as slut_dag,
        form,
        lagrum,
        regi,
        plats,
        enhet,
        min(kon) over (partition by kommun_kod, person_id) as kon,
        max(fodelsear) over (partition by kommun_kod, person_id) as fodelsear
    from placeringar
),

per_indelning as (
    {%- for indelning in ['totalt', 'form', 'lagrum', 'regi', 'plats', 'enhet'] %}
    select
        kommun_kod,
        person_id,
        '{{ indelning }}' as indelning,
        {{ "'totalt'" if indelning == 'totalt' else indelning }} as indelning_varde,
        start_dag,
        slut_dag,
        kon,
        fodelsear
    from personplaceringar
    union all
    {%- endfor %}
    select
        personplaceringar.kommun_kod,
        personplaceringar.person_id,
        'formgrupp' as indelning,
        formgrupper.formgrupp as indelning_varde,
        personplaceringar.start_dag,
        personplaceringar.slut_dag,
        personplaceringar.kon,
        personplaceringar.fodelsear
    from personplaceringar
    inner join formgrupper
        on personplaceringar.form = formgrupper.form
),

med_tidigare_slut as (
    select
        per_indelning.*,
        max(slut_dag) over (
            partition by kommun_kod, indelning, indelning_varde, person_id
            order by start_dag, slut_dag
            rows between unbounded preceding and 1 preceding
        ) as tidigare_slut
    from per_indelning
),

numrerade as (
    select
        med_tidigare_slut.*,
        sum(case when start_dag <= tidigare_slut then 0 else 1 end) over (
            partition by kommun_kod, indelning, indelning_varde, person_id
            order by start_dag, slut_dag
            rows between unbounded preceding and current row
        ) as vardperiod
    from med_tidigare_slut
)

select
    kommun_kod,
    person_id,
    indelning,
    indelning_varde,
    vardperiod,
    min(kon) as kon,
    max(fodelsear) as fodelsear,
    min(start_dag) as start_dag,
    max(slut_dag) as slut_dag
from numrerade
group by kommun_kod, person_id, indelning, indelning_varde, vardperiod
