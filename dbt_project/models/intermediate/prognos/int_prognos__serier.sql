-- Amounts per forecast series, year, month and version, in REPORT sign: the ledger and
-- printed tables, and beside them what försörjningsstöd was paid for each month.
with belopp as (
    select
        kommun_kod,
        tabell,
        ansvar,
        organisation,
        verksamhet,
        verksamhet_namn,
        kontogrupp,
        ar,
        manad,
        version,
        prognosomgang,
        ordning,
        belopp_kr
    from {{ ref('int_ekonomi__manad') }}
    where version in ('utfall', 'budget', 'prognos')
    union all
    select
        kommun_kod,
        'utbetalt_bistand' as tabell,
        '' as ansvar,
        'Totalt' as organisation,
        'Ekonomiskt bistånd' as verksamhet,
        'Ekonomiskt bistånd' as verksamhet_namn,
        'forsorjningsstod' as kontogrupp,
        cast(extract(year from manad) as {{ typ_int() }}) as ar,
        cast(extract(month from manad) as {{ typ_int() }}) as manad,
        'utfall' as version,
        cast(null as {{ typ_text() }}) as prognosomgang,
        cast(null as {{ typ_bigint() }}) as ordning,
        -1 * belopp_kr as belopp_kr
    from {{ ref('stg_forsorjningsstod__forsorjningsstod') }}
)

select
    {{ serie_id() }} as serie_id,
    {{ serie_kolumner() | join(',\n    ') }},
    ar,
    manad,
    version,
    prognosomgang,
    max(ordning) as ordning,
    cast(sum(belopp_kr) as {{ typ_belopp() }}) as belopp_kr
from belopp
group by
    {{ serie_kolumner() | join(',\n    ') }},
    ar,
    manad,
    version,
    prognosomgang
