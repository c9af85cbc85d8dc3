-- HME: each item's index is the mean of its answers' values; a part is the mean of its
-- items, the total of all nine. An index with an item missing is not an HME index.
with poster as (
    select
        *,
        {{ kvot('summa_varde', 'n_svar') }} as item_index
    from {{ ref('int_enkater__resultat') }}
    where enkat = 'hme'
),

delar as (
    select
        poster.*,
        'hme_' || poster.del as nyckeltal_id
    from poster
    where poster.del is not null
    union all
    select
        poster.*,
        'hme_total' as nyckeltal_id
    from poster
    where poster.del is not null
),

forvantat as (
    select
        'hme_' || del as nyckeltal_id,
        count(*) as antal
    from {{ ref('int_enkater__fragor') }}
    where enkat = 'hme' and del is not null
    group by del
    union all
    select
        'hme_total' as nyckeltal_id,
        count(*) as antal
    from {{ ref('int_enkater__fragor') }}
    where enkat = 'hme' and del is not null
),

summor as (
    select
        kommun_kod,
        ar,
        organisation,
        kon,
        nyckeltal_id,
        {{ ordningslos_summa('item_index') }} as summa_index,
        count(item_index) as antal,
        max(n_svarande) as n_svarande,
        max(case when status = 'undertryckt' then 1 else 0 end) as undertryckt,
        case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
            as leverans_id
    from delar
    group by kommun_kod, ar, organisation, kon, nyckeltal_id
)

select
    summor.kommun_kod,
    summor.ar,
    summor.organisation,
    summor.kon,
    summor.nyckeltal_id,
    case when summor.antal = forvantat.antal then summor.summa_index end as summa_index,
    case when summor.antal = forvantat.antal then summor.antal end as antal,
    summor.n_svarande,
    case
        when summor.undertryckt = 1 then 'undertryckt'
        when summor.antal < forvantat.antal then 'saknas'
        else 'ok'
    end as status,
    summor.leverans_id
from summor
inner join forvantat
    on summor.nyckeltal_id = forvantat.nyckeltal_id
