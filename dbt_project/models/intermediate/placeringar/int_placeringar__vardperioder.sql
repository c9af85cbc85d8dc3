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
        max(fodelsear) over (partition by kommun_kod, person_id) as fodelsear,
        dense_rank() over (order by kommun_kod, person_id) as person_nr
    from placeringar
),

per_indelning as (
    {%- for indelning in ['totalt', 'form', 'lagrum', 'regi', 'plats', 'enhet'] %}
    select
        kommun_kod,
        person_nr,
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
        personplaceringar.person_nr,
        'formgrupp' as indelning,
        formgrupper.formgrupp as indelning_varde,
        personplaceringar.start_dag,
        personplaceringar.slut_dag,
        personplaceringar.kon,
        personplaceringar.fodelsear
    from personplaceringar
    inner join formgrupper
        on personplaceringar.form = formgrupper.form
)

{{ sammanhallna_perioder('per_indelning') }}
