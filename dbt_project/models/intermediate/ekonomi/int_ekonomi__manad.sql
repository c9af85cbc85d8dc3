-- Amounts in report sign per key (kommun, år, tabell, ansvar, verksamhet, kontogrupp),
-- month and version. manad null is a row for the whole year.
select
    kommun_kod,
    ar,
    manad,
    tabell,
    ansvar,
    organisation,
    verksamhet,
    verksamhet_namn,
    kontogrupp,
    version,
    budgetversion,
    prognosomgang,
    cast(sum(belopp_kr) as {{ typ_belopp() }}) as belopp_kr,
    max(ordning) as ordning,
    case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
        as leverans_id
from {{ ref('int_ekonomi__rader') }}
group by
    kommun_kod,
    ar,
    manad,
    tabell,
    ansvar,
    organisation,
    verksamhet,
    verksamhet_namn,
    kontogrupp,
    version, budgetversion, prognosomgang
