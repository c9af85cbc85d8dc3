-- One row per part and one for the whole of each cost, period and comparison.
with effekter as (
    select * from {{ ref('int_analys__effekter') }}
),

{%- set nyckel = [
    'kommun_kod', 'kostnadsslag', 'kalla', 'ar', 'manad', 'version', 'jamforelse', 'bas_ar', 'bas_version', 'volymenhet'
] %}
{%- set summeras = [
    'bas_kostnad_kr', 'kostnad_kr', 'forandring_kr', 'volymeffekt_kr', 'mixeffekt_kr', 'priseffekt_kr', 'ofordelat_kr'
] %}

rader as (
    select
        {{ nyckel | join(',\n        ') }},
        del,
        bas_volym,
        volym,
        bas_n,
        n,
        {{ summeras | join(',\n        ') }}
    from effekter
    where antal_delar > 1
    union all
    select
        {{ nyckel | join(',\n        ') }},
        'totalt' as del,
        sum(bas_volym) as bas_volym,
        sum(volym) as volym,
        -- A unit may be in two parts, so the parts' largest is all that is sure.
        max(bas_n) as bas_n,
        max(n) as n,
    {% for kolumn in summeras %}
    sum({{ kolumn }}) as {{ kolumn }}{{ ',' if not loop.last }}
    {% endfor %}
    from effekter
    group by {{ nyckel | join(', ') }}
)

select
    rader.kommun_kod,
    coalesce(kommuner.kommun, rader.kommun_kod) as kommun,
    rader.ar,
    rader.manad,
    rader.kostnadsslag,
    rader.del,
    rader.kalla,
    rader.version,
    rader.jamforelse,
    rader.bas_ar,
    rader.bas_version,
    rader.volymenhet,
    cast(rader.bas_volym as {{ typ_double() }}) as bas_volym,
    cast(rader.volym as {{ typ_double() }}) as volym,
    {{ kvot('rader.bas_kostnad_kr', 'rader.bas_volym') }} as bas_pris_kr,
    {{ kvot('rader.kostnad_kr', 'rader.volym') }} as pris_kr,
    {% for kolumn in summeras %}
    cast(rader.{{ kolumn }} as {{ typ_belopp() }}) as {{ kolumn }},
    {% endfor %}
    cast(rader.bas_n as {{ typ_bigint() }}) as bas_n,
    cast(rader.n as {{ typ_bigint() }}) as n
from rader
left join {{ ref('stg_register__kommuner') }} as kommuner
    on rader.kommun_kod = kommuner.kommun_kod
