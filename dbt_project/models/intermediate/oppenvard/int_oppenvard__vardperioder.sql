-- Each person's unbroken spells of open care, in the whole and per unit, kind, regi and target group; and, as
-- nagon_vard, of open care and placement together.
with insatser as (
    select * from {{ ref('stg_insatser__insatser') }}
),

placeringar as (
    select * from {{ ref('stg_placeringar__placeringar') }}
),

vard as (
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        start_dag,
        slut_dag,
        enhet,
        slag,
        regi,
        malgrupp,
        true as oppenvard
    from insatser
    union all
    select
        kommun_kod,
        person_id,
        kon,
        fodelsear,
        start_dag,
        slut_dag,
        null as enhet,
        null as slag,
        null as regi,
        null as malgrupp,
        false as oppenvard
    from placeringar
),

personvard as (
    select
        kommun_kod,
        start_dag,
        coalesce(slut_dag, cast('2999-12-31' as {{ typ_datum() }})) as slut_dag,
        enhet,
        slag,
        regi,
        malgrupp,
        oppenvard,
        min(kon) over (partition by kommun_kod, person_id) as kon,
        max(fodelsear) over (partition by kommun_kod, person_id) as fodelsear,
        dense_rank() over (order by kommun_kod, person_id) as person_nr
    from vard
),

per_indelning as (
    {%- for indelning, varde in [
        ('totalt', "'totalt'"), ('enhet', 'enhet'), ('slag', 'slag'), ('regi', 'regi'),
        ('malgrupp', 'malgrupp'), ('nagon_vard', "'totalt'"),
    ] %}
    select
        kommun_kod,
        person_nr,
        '{{ indelning }}' as indelning,
        {{ varde }} as indelning_varde,
        start_dag,
        slut_dag,
        kon,
        fodelsear
    from personvard
    {%- if indelning != 'nagon_vard' %}
    where oppenvard
    union all
    {%- endif %}
    {%- endfor %}
)

{{ sammanhallna_perioder('per_indelning') }}
