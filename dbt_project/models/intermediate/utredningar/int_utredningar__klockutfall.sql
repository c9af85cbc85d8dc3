-- The two clocks as an intern kontroll of all cases: counts per year, nothing about a case. A clock is tested in the
-- year it stopped, or in the year its deadline passed if it has not stopped yet. What stopped before the register
-- begins is left out: only those that lived on are in it, and few tested without a deviation would say too much.
with klockor as (
    select * from {{ ref('int_utredningar__klockor') }}
),

tackning as (
    select
        kommun_kod,
        min(period_start) as fran_dag
    from {{ ref('int_kalender__perioder') }}
    where tabell = 'utredningar' and periodtyp = 'manad'
    group by kommun_kod
),

alla as (
    select
        kommun_kod,
        'forhandsbedomning_14_dagar' as kontroll_id,
        fb_lagrum as lagrum,
        coalesce(fb_klar_dag, fb_frist_dag) as dag,
        fb_overskriden as overskriden,
        fb_forlangd as forlangd,
        fb_klar_dag is null as oppen
    from klockor
    where fb_galler and (fb_klar_dag is not null or fb_overskriden)
    union all
    select
        kommun_kod,
        'utredning_4_manader' as kontroll_id,
        utr_lagrum as lagrum,
        coalesce(avslutad_dag, utr_frist_dag) as dag,
        utr_overskriden as overskriden,
        utr_forlangd as forlangd,
        avslutad_dag is null as oppen
    from klockor
    where utr_galler and (avslutad_dag is not null or utr_overskriden)
),

provade as (
    select
        alla.*,
        extract(year from alla.dag) as ar
    from alla
    inner join tackning
        on
            alla.kommun_kod = tackning.kommun_kod
            and (alla.oppen or alla.dag >= tackning.fran_dag)
)

select
    kommun_kod,
    kontroll_id,
    cast(ar as {{ typ_int() }}) as ar,
    max(lagrum) as lagrum,
    count(*) as provade,
    sum(case when overskriden then 1 else 0 end) as avvikelser,
    sum(case when forlangd then 1 else 0 end) as forlangda,
    sum(case when overskriden and oppen then 1 else 0 end) as oppna_over_frist
from provade
group by kommun_kod, kontroll_id, cast(ar as {{ typ_int() }})
