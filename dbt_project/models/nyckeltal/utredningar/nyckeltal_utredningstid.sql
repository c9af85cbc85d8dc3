-- Days from opened to closed: the median, which cannot be summed from parts, and Kolada's two half-year definitions.
with klockor as (
    select * from {{ ref('int_utredningar__klockor') }}
    where inledd_dag is not null and avslutad_dag is not null
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where
        tabell = 'utredningar'
        and periodtyp in ('manad', 'ack', 'ar', 'halvar')
),

avslutade as (
    select
        perioder.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        perioder.uppdelad,
        kon_grupper.kon_redovisad as kon,
        klockor.enhet,
        klockor.slag,
        perioder.ar - klockor.fodelsear as alder_ar,
        {{ finband('perioder.ar - klockor.fodelsear') }} as finband,
        {{ days_between('klockor.inledd_dag', 'klockor.avslutad_dag') }} as dagar
    from klockor
    inner join perioder
        on
            klockor.kommun_kod = perioder.kommun_kod
            and extract(year from klockor.avslutad_dag) = perioder.ar
            and klockor.avslutad_dag >= perioder.period_start
            and klockor.avslutad_dag <= perioder.period_slut
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on klockor.kon = kon_grupper.kon
),

-- matt: alla = local median; barn = U33401/U33402; missbruk = U35400/U35401.
celler as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'alla' as matt,
        'Totalt' as organisation,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        dagar
    from avslutade
    where periodtyp <> 'halvar'
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'alla' as matt,
        enhet as organisation,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        dagar
    from avslutade
    where uppdelad
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        'alla' as matt,
        'Totalt' as organisation,
        'totalt' as alder,
        'slag' as indelning,
        slag as indelning_varde,
        dagar
    from avslutade
    where uppdelad
    union all
    select
        avslutade.kommun_kod,
        avslutade.periodtyp,
        avslutade.period_slut,
        avslutade.kon,
        'alla' as matt,
        'Totalt' as organisation,
        aldersgrupper.alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        avslutade.dagar
    from avslutade
    inner join {{ ref('aldersgrupper') }} as aldersgrupper
        on
            avslutade.finband = aldersgrupper.finband
            and aldersgrupper.omrade = 'utredningar'
    where avslutade.uppdelad
    union all
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        case when alder_ar <= 20 then 'barn' else 'missbruk' end as matt,
        'Totalt' as organisation,
        case when alder_ar <= 20 then '0-20' else '21-' end as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        dagar
    from avslutade
    where
        periodtyp = 'halvar'
        and (
            alder_ar <= 20
            and slag not in ('ekonomiskt_bistand', 'familjeratt', 'faderskap')
            or alder_ar > 20 and slag = 'vuxna_missbruk'
        )
),

summor as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        matt,
        organisation,
        alder,
        indelning,
        indelning_varde,
        count(*) as antal,
        sum(dagar) as dagar,
        {{ median('dagar') }} as mediandagar
    from celler
    group by
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        matt,
        organisation,
        alder,
        indelning,
        indelning_varde
),

rutor as (
    select
        summor.*,
        perioder.period_start,
        perioder.status,
        perioder.leverans_id
    from summor
    inner join perioder
        on
            summor.kommun_kod = perioder.kommun_kod
            and summor.periodtyp = perioder.periodtyp
            and summor.period_slut = perioder.period_slut
)

{{ nyckeltal_rader('rutor', [
    {'id': 'utr_mediantid', 'varde': 'mediandagar', 'n': 'antal', 'om': "matt = 'alla'"},
    {
        'id': 'utr_tid_barn_medel', 'taljare': 'dagar', 'namnare': 'antal',
        'n': 'antal', 'om': "matt = 'barn'",
    },
    {
        'id': 'utr_tid_barn_median', 'varde': 'mediandagar', 'n': 'antal',
        'om': "matt = 'barn'",
    },
    {
        'id': 'utr_tid_missbruk_medel', 'taljare': 'dagar', 'namnare': 'antal',
        'n': 'antal', 'om': "matt = 'missbruk'",
    },
    {
        'id': 'utr_tid_missbruk_median', 'varde': 'mediandagar', 'n': 'antal',
        'om': "matt = 'missbruk'",
    },
]) }}
