/*
    Own figure, Kolada's figure and the groups side by side, with the reason of a difference and how each may be cited. A
    figure of a year in which no group has any is a row too (grupp `ingen`): it says which years the other side has.
*/
with celler as (
    select * from {{ ref('int_jamforelse__celler') }}
),

utfall as (
    select * from {{ ref('int_jamforelse__utfall') }}
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

jamforda as (
    select distinct kommun_kod from {{ ref('int_jamforelse__grupper') }}
),

kolumner as (
    select
        kommun_kod,
        nyckeltal_id,
        kon,
        ar,
        grupp,
        grupp_namn,
        grupp_ar,
        antal_medlemmar,
        grupp_medel,
        grupp_median,
        grupp_min,
        grupp_max,
        n,
        rang,
        antal_rangordnade,
        kvartil,
        grupp_status,
        grupp_ursprung
    from utfall
    union all
    select
        celler.kommun_kod,
        celler.nyckeltal_id,
        celler.kon,
        celler.ar,
        'ingen' as grupp,
        'Ingen jämförelsegrupp har värden' as grupp_namn,
        null as grupp_ar,
        null as antal_medlemmar,
        null as grupp_medel,
        null as grupp_median,
        null as grupp_min,
        null as grupp_max,
        0 as n,
        null as rang,
        null as antal_rangordnade,
        null as kvartil,
        null as grupp_status,
        null as grupp_ursprung
    from celler
    inner join jamforda
        on celler.kommun_kod = jamforda.kommun_kod
    left join utfall
        on
            celler.kommun_kod = utfall.kommun_kod
            and celler.nyckeltal_id = utfall.nyckeltal_id
            and celler.kon = utfall.kon
            and celler.ar = utfall.ar
    where utfall.kommun_kod is null
),

senaste as (
    select
        kommun_kod,
        nyckeltal_id,
        kon,
        max(case when varde_egen is not null then ar end) as egna,
        max(case when varde_kolada is not null then ar end) as koladas
    from celler
    group by kommun_kod, nyckeltal_id, kon
),

rader as (
    select
        kolumner.*,
        senaste.egna as senaste_egna,
        senaste.koladas as senaste_koladas,
        celler.varde_egen,
        celler.status_egen,
        celler.ursprung_egen,
        celler.varde_kolada,
        celler.status_kolada,
        celler.ursprung_kolada,
        celler.ursprung_serie,
        coalesce(celler.serie_brott, false) as serie_brott,
        celler.lutning,
        celler.varde_egen - celler.varde_kolada as avvikelse,
        riket.varde_kolada as riket,
        riket.ursprung_kolada as ursprung_riket,
        -- half of the last figure that is printed
        0.5 / power(10, katalog.decimaler) + 0.000001 as avrundning,
        katalog.titel,
        katalog.enhet,
        katalog.riktning,
        katalog.kolada_id,
        katalog.kolada_avvikelse,
        katalog.brott_senast,
        katalog.brott,
        katalog.metodversion
    from kolumner
    inner join katalog
        on kolumner.nyckeltal_id = katalog.nyckeltal_id
    left join celler
        on
            kolumner.kommun_kod = celler.kommun_kod
            and kolumner.nyckeltal_id = celler.nyckeltal_id
            and kolumner.kon = celler.kon
            and kolumner.ar = celler.ar
    left join senaste
        on
            kolumner.kommun_kod = senaste.kommun_kod
            and kolumner.nyckeltal_id = senaste.nyckeltal_id
            and kolumner.kon = senaste.kon
    left join celler as riket
        on
            riket.kommun_kod = '0000'
            and kolumner.nyckeltal_id = riket.nyckeltal_id
            and kolumner.kon = riket.kon
            and kolumner.ar = riket.ar
)

select
    cast(rader.kommun_kod as {{ typ_text() }}) as kommun_kod,
    cast(coalesce(kommuner.kommun, rader.kommun_kod) as {{ typ_text() }}) as kommun,
    cast(rader.nyckeltal_id as {{ typ_text() }}) as nyckeltal_id,
    cast(rader.titel as {{ typ_text() }}) as titel,
    cast(rader.enhet as {{ typ_text() }}) as enhet,
    cast(rader.kolada_id as {{ typ_text() }}) as kolada_id,
    cast(rader.kon as {{ typ_text() }}) as kon,
    rader.ar,
    rader.varde_egen,
    rader.varde_kolada,
    rader.avvikelse,
    100 * rader.avvikelse / nullif(abs(rader.varde_kolada), 0) as avvikelse_procent,
    cast(
        case
            when rader.varde_egen is null and rader.varde_kolada is null
                then 'Värde saknas både hos oss och i Kolada'
            when rader.varde_egen is null and rader.senaste_egna is null
                then 'Eget värde saknas: inget år är levererat'
            when rader.varde_egen is null
                then
                    'Eget värde saknas för året; det senaste avser '
                    || cast(rader.senaste_egna as {{ typ_text() }})
            when rader.varde_kolada is null and rader.senaste_koladas is null
                then 'Koladas värde saknas: inget år är inläst'
            when rader.varde_kolada is null
                then
                    'Koladas värde saknas för året; det senaste inlästa avser '
                    || cast(rader.senaste_koladas as {{ typ_text() }})
            when abs(rader.avvikelse) < 0.000001 then 'Lika'
            when abs(rader.avvikelse) <= rader.avrundning then 'Avrundning'
            when rader.status_kolada = 'preliminar' then 'Koladas värde är preliminärt'
            when rader.status_egen = 'preliminar' then 'Eget värde är preliminärt'
            when rader.ar < rader.brott_senast then 'Metodskillnad: ' || rader.brott
            when rader.kolada_avvikelse is not null
                then 'Metodskillnad: ' || rader.kolada_avvikelse
            else 'Okänd avvikelse'
        end as {{ typ_text() }}
    ) as forklaring,
    cast(rader.grupp as {{ typ_text() }}) as grupp,
    cast(rader.grupp_namn as {{ typ_text() }}) as grupp_namn,
    rader.grupp_ar,
    cast(rader.antal_medlemmar as {{ typ_bigint() }}) as antal_medlemmar,
    rader.grupp_medel,
    rader.grupp_median,
    rader.grupp_min,
    rader.grupp_max,
    cast(rader.n as {{ typ_bigint() }}) as n,
    cast(rader.rang as {{ typ_bigint() }}) as rang,
    cast(rader.antal_rangordnade as {{ typ_bigint() }}) as antal_rangordnade,
    rader.kvartil,
    cast(
        case rader.riktning
            when 'lag_bra' then 'lägst är bäst'
            when 'hog_bra' then 'högst är bäst'
            else 'högst först, utan värdering'
        end as {{ typ_text() }}
    ) as rangordning,
    rader.riket,
    case when not rader.serie_brott then rader.lutning end as trend_5ar,
    rader.serie_brott,
    cast(
        case
            when 'preliminar' in (
                rader.status_egen, rader.status_kolada, rader.grupp_status
            ) then 'preliminar'
            else 'ok'
        end as {{ typ_text() }}
    ) as status,
    cast(rader.ursprung_egen as {{ typ_text() }}) as ursprung_egen,
    cast(rader.ursprung_kolada as {{ typ_text() }}) as ursprung_kolada,
    cast(rader.ursprung_serie as {{ typ_text() }}) as ursprung_rang,
    cast(rader.grupp_ursprung as {{ typ_text() }}) as ursprung_grupp,
    cast(rader.ursprung_riket as {{ typ_text() }}) as ursprung_riket,
    cast(
        case
            when
                'syntetisk' in (
                    rader.ursprung_kolada, rader.ursprung_riket, rader.grupp_ursprung
                )
                then 'Påhittade värden för demokommunen'
            when rader.varde_kolada is not null or rader.riket is not null
                then 'Källa: Kolada'
        end as {{ typ_text() }}
    ) as kalltext_kolada,
    -- means, ranks, differences and trends are ours, also where they are made of Kolada's figures
    cast(
        case
            when rader.grupp_ursprung = 'syntetisk'
                then 'Egen bearbetning av påhittade värden'
            else 'Egen bearbetning'
        end as {{ typ_text() }}
    ) as kalltext,
    cast(rader.metodversion as {{ typ_text() }}) as metodversion
from rader
left join kommuner
    on rader.kommun_kod = kommuner.kommun_kod
