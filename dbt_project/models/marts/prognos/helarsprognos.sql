-- One row per series, month and method, and the sum of the chosen ones per verksamhet,
-- unit and municipality. A sum is tested as a sum: by what the chosen forecasts of
-- earlier years added up to.
with antal as (
    select * from {{ ref('int_prognos__antal') }}
),

val as (
    select
        val.*,
        'serie' as niva,
        {{ kvot('val.summa_fel_kr', 'val.summa_helar_kr', 100) }} as medelfel_procent,
        antal.n,
        -- A series without budget in a year that has one was budgeted 0.
        coalesce(
            val.budget_helar_kr,
            0 * max(val.budget_helar_kr)
                over (partition by val.kommun_kod, val.tabell, val.ar)
        ) as budget_kr
    from {{ ref('int_prognos__val') }} as val
    left join antal
        on
            val.kommun_kod = antal.kommun_kod
            and val.verksamhet = antal.verksamhet
            and val.ar = antal.ar
            and val.manad = antal.manad
),

{%- set helt = ["'' as ansvar", "'Totalt' as organisation"] %}
{%- set hela = ["'Totalt' as verksamhet", "'Totalt' as verksamhet_namn"] %}
{%- set nivaer = {
    'verksamhet': (helt, ['verksamhet', 'verksamhet_namn']),
    'organisation': (['ansvar', 'organisation'], hela),
    'totalt': (helt, hela),
} %}

summor as (
    {% for niva, (enhet, omrade) in nivaer.items() %}
    select
        kommun_kod,
        tabell,
        {{ (enhet + omrade) | join(',\n        ') }},
        ar,
        manad,
        '{{ niva }}' as niva,
        sum(ack_kr) as ack_kr,
        case when count(*) = count(helar_kr) then sum(helar_kr) end as helar_kr,
        sum(prognos_kr) as prognos_kr,
        sum(budget_kr) as budget_kr,
        -- At least as many as in the largest part.
        max(n) as n
    from val
    where vald and tabell <> 'utbetalt_bistand'
    group by
        kommun_kod,
        tabell,
        {% for kolumn in enhet + omrade if ' as ' not in kolumn %}
        {{ kolumn }},
        {% endfor %}
        ar,
        manad
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

summaserier as (
    select
        *,
        'netto' as kontogrupp,
        niva
        || '|' || kommun_kod
        || '|' || tabell
        || '|' || ansvar
        || '|' || organisation
        || '|' || verksamhet
        || '|' || verksamhet_namn as serie_id
    from summor
),

-- What the chosen forecasts of earlier years missed by.
valda as (
    select
        serie_id,
        ar,
        manad,
        prognos_kr,
        helar_kr,
        niva
    from val
    where vald
    union all
    select
        serie_id,
        ar,
        manad,
        prognos_kr,
        helar_kr,
        niva
    from summaserier
),

regeln as (
    select
        serie_id,
        ar,
        manad,
        count(helar_kr) over tidigare as antal_test,
        max(abs(prognos_kr - helar_kr)) over tidigare as storsta_fel_kr,
        {{ kvot(
            'sum(abs(prognos_kr - helar_kr)) over tidigare',
            'sum(abs(helar_kr)) over tidigare',
            100,
        ) }} as medelfel_procent
    from valda
    window
        tidigare as (
            partition by serie_id, manad order by ar
            rows between unbounded preceding and 1 preceding
        )
),

rader as (
    select
        val.serie_id,
        {% for kolumn in serie_kolumner() %}
        val.{{ kolumn }},
        {% endfor %}
        val.ar,
        val.manad,
        val.niva,
        val.metod,
        val.vald,
        val.prognosomgang,
        val.ack_kr,
        val.prognos_kr,
        val.helar_kr,
        val.budget_kr,
        val.n,
        case when val.vald then regeln.antal_test else val.antal_test end as antal_test,
        case when val.vald then regeln.medelfel_procent else val.medelfel_procent end
            as medelfel_procent,
        case when val.vald then regeln.storsta_fel_kr else val.storsta_fel_kr end
            as storsta_fel_kr,
        cast(null as {{ typ_text() }}) as anmarkning
    from val
    left join regeln
        on
            val.serie_id = regeln.serie_id
            and val.ar = regeln.ar
            and val.manad = regeln.manad
    union all
    select
        summaserier.serie_id,
        summaserier.kommun_kod,
        summaserier.tabell,
        summaserier.ansvar,
        summaserier.organisation,
        summaserier.verksamhet,
        summaserier.verksamhet_namn,
        summaserier.kontogrupp,
        summaserier.ar,
        summaserier.manad,
        summaserier.niva,
        'summa_av_valda' as metod,
        true as vald,
        cast(null as {{ typ_text() }}) as prognosomgang,
        summaserier.ack_kr,
        summaserier.prognos_kr,
        summaserier.helar_kr,
        summaserier.budget_kr,
        summaserier.n,
        regeln.antal_test,
        regeln.medelfel_procent,
        regeln.storsta_fel_kr,
        cast(null as {{ typ_text() }}) as anmarkning
    from summaserier
    left join regeln
        on
            summaserier.serie_id = regeln.serie_id
            and summaserier.ar = regeln.ar
            and summaserier.manad = regeln.manad
    union all
    -- The controller's own round that nothing stands behind: shown, flagged, never
    -- chosen.
    select
        serier.serie_id,
        {% for kolumn in serie_kolumner() %}
        serier.{{ kolumn }},
        {% endfor %}
        serier.ar,
        omgangar.manad,
        'serie' as niva,
        'egen' as metod,
        false as vald,
        serier.prognosomgang,
        cast(null as {{ typ_belopp() }}) as ack_kr,
        serier.belopp_kr as prognos_kr,
        cast(null as {{ typ_belopp() }}) as helar_kr,
        cast(null as {{ typ_belopp() }}) as budget_kr,
        cast(null as {{ typ_bigint() }}) as n,
        cast(0 as {{ typ_bigint() }}) as antal_test,
        cast(null as {{ typ_double() }}) as medelfel_procent,
        cast(null as {{ typ_belopp() }}) as storsta_fel_kr,
        omgangar.anmarkning
    from {{ ref('int_prognos__serier') }} as serier
    inner join {{ ref('int_prognos__omgangar') }} as omgangar
        on
            serier.kommun_kod = omgangar.kommun_kod
            and serier.tabell = omgangar.tabell
            and serier.ar = omgangar.ar
            and serier.version = 'prognos'
            and serier.prognosomgang is not distinct from omgangar.prognosomgang
            and not omgangar.har_utfall
)

select
    rader.kommun_kod,
    coalesce(kommuner.kommun, rader.kommun_kod) as kommun,
    rader.ar,
    rader.manad,
    rader.tabell,
    rader.niva,
    nullif(rader.ansvar, '') as ansvar,
    rader.organisation,
    rader.verksamhet,
    rader.verksamhet_namn,
    rader.kontogrupp,
    rader.metod,
    rader.vald,
    rader.prognosomgang,
    cast(rader.ack_kr as {{ typ_belopp() }}) as utfall_ack_kr,
    cast(rader.prognos_kr as {{ typ_belopp() }}) as prognos_kr,
    cast(rader.prognos_kr - rader.storsta_fel_kr as {{ typ_belopp() }})
        as intervall_lag_kr,
    cast(rader.prognos_kr + rader.storsta_fel_kr as {{ typ_belopp() }})
        as intervall_hog_kr,
    rader.medelfel_procent,
    cast(rader.antal_test as {{ typ_bigint() }}) as antal_test,
    {{ kvot('rader.antal_test', 'rader.antal_test + 1', 100) }}
        as intervall_tackning_procent,
    cast(rader.helar_kr as {{ typ_belopp() }}) as utfall_helar_kr,
    cast(rader.budget_kr as {{ typ_belopp() }}) as budget_helar_kr,
    cast(rader.prognos_kr - rader.budget_kr as {{ typ_belopp() }}) as avvikelse_kr,
    cast(rader.n as {{ typ_bigint() }}) as n,
    rader.anmarkning,
    '{{ var("prognos_metodversion", "1") }}' as metodversion
from rader
left join {{ ref('stg_register__kommuner') }} as kommuner
    on rader.kommun_kod = kommuner.kommun_kod
