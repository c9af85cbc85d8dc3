-- Names and units of everything a goal can be measured by, per municipality; the
-- catalogue's hold for all.
with kommuner as (
    select distinct kommun_kod from {{ ref('stg_mal__mal') }}
),

namn as (
    select distinct
        kommun_kod,
        matt_id,
        matt,
        enhet,
        2 as rang
    from {{ ref('int_matt__verksamhetsmatt') }}
    union all
    select
        kommuner.kommun_kod,
        katalog.nyckeltal_id as matt_id,
        katalog.titel as matt,
        katalog.enhet,
        1 as rang
    from {{ ref('stg_register__katalog') }} as katalog
    cross join kommuner
),

rangordnade as (
    select
        *,
        row_number() over (
            partition by kommun_kod, matt_id
            order by rang asc, matt asc, enhet asc nulls last
        ) as ordning
    from namn
)

select
    kommun_kod,
    matt_id,
    matt,
    case
        when enhet in ('procent', '%') then ' %'
        when enhet is null or enhet in ('antal', 'index') then ''
        when enhet = 'manader' then ' månader'
        when enhet = 'ar' then ' år'
        when enhet = 'arsplatser' then ' årsplatser'
        when enhet = 'arsarbetare' then ' årsarbetare'
        when enhet = 'dagar_per_anstalld' then ' dagar per anställd'
        else ' ' || enhet
    end as enhet_text,
    -- A printed name that two mått share points at neither.
    count(*) over (partition by kommun_kod, lower(trim(matt))) as antal_med_namnet
from rangordnade
where ordning = 1
