-- What comparable municipalities have, per year: the median of the municipality's own
-- list (seed jamforelsekommuner) among the whole-year figures that lie in the
-- warehouse. No list, no row.
select
    lista.kommun_kod,
    varden.matt_id,
    cast(extract(year from varden.period_slut) as {{ typ_int() }}) as ar,
    lista.grupp,
    {{ median('varden.varde') }} as grupp_median,
    count(*) as n
from {{ ref('jamforelsekommuner') }} as lista
inner join {{ ref('int_mal__varden') }} as varden
    on lista.jamforelsekommun_kod = varden.kommun_kod
where varden.periodtyp = 'ar' and varden.varde is not null
group by
    lista.kommun_kod,
    varden.matt_id,
    cast(extract(year from varden.period_slut) as {{ typ_int() }}),
    lista.grupp
