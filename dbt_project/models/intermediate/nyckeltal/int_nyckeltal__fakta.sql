{{ config(materialized='view') }}

/*
    The one fact of the catalogue's figures: ours, those delivered as figures under a catalogue id, and Kolada's in the
    cell where ours lies. `ursprung` keeps them apart; täljare and nämnare stand beside the value, so that a figure over
    municipalities or periods is divided last.
*/
with egna as (
    select * from {{ ref('int_nyckeltal__alla') }}
),

levererade as (
    select * from {{ ref('int_matt__verksamhetsmatt') }}
    where version = 'utfall'
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kolada as (
    select
        varden.*,
        katalog.nyckeltal_id,
        katalog.kolada_alder,
        katalog.kolada_indelning,
        katalog.kolada_indelning_varde,
        katalog.kolada_periodtyp,
        katalog.matdag
    from {{ ref('int_kolada__varden') }} as varden
    inner join katalog
        on varden.kolada_id = katalog.kolada_id
    where varden.objekt_typ in ('kommun', 'riket')
),

alla as (
    select
        {{ nyckeltal_kolumner() }},
        'egen_berakning' as ursprung
    from egna
    union all
    select
        kommun_kod,
        matt_id as nyckeltal_id,
        coalesce(organisation, 'Totalt') as organisation,
        kon,
        'totalt' as alder,
        case when malgrupp is null then 'totalt' else 'malgrupp' end as indelning,
        coalesce(malgrupp, 'totalt') as indelning_varde,
        period_start,
        period_slut,
        periodtyp,
        taljare,
        namnare,
        varde,
        cast(null as {{ typ_bigint() }}) as n,
        status,
        leverans_id,
        case
            {% for myndighet in var('nationella_kallor') -%}
            when ' ' || lower(kalla) like '% {{ myndighet }}%'
                then 'nationell_statistik'
            {% endfor -%}
            else 'manuell'
        end as ursprung
    from levererade
    union all
    select
        objekt_kod as kommun_kod,
        nyckeltal_id,
        'Totalt' as organisation,
        kon,
        kolada_alder as alder,
        kolada_indelning as indelning,
        kolada_indelning_varde as indelning_varde,
        case
            when kolada_periodtyp = 'tidpunkt' then {{ dag_i_aret('ar', 'matdag') }}
            else {{ ar_start('ar') }}
        end as period_start,
        case kolada_periodtyp
            when 'tidpunkt' then {{ dag_i_aret('ar', 'matdag') }}
            when 'halvar' then {{ manad_slut('ar', '6') }}
            else {{ ar_slut('ar') }}
        end as period_slut,
        kolada_periodtyp as periodtyp,
        cast(null as {{ typ_double() }}) as taljare,
        cast(null as {{ typ_double() }}) as namnare,
        varde,
        cast(null as {{ typ_bigint() }}) as n,
        case when varde is null then 'saknas' else status end as status,
        leverans_id,
        ursprung
    from kolada
    where status in ('ok', 'preliminar', 'saknas')
)

select * from alla
