-- Made from dbt_project/katalog by `python -m pipelines.katalog.union`: every model that an entry names.
{{ config(materialized='view') }}

select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_ateraktualisering') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_brukarundersokning') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_eb_ej_ateraktualiserade') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_eb_hushall') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_eb_langvarigt') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_eb_personer') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_eb_vantetid') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_hme') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_kostnad_per_invanare') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_nettokostnad') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_oppenvard') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_per_invanare') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_personal') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_placeringar') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_placeringstid') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_utredningar') }}
union all
select
    {{ nyckeltal_kolumner() }}
from {{ ref('nyckeltal_utredningstid') }}
