-- One row per goal, indicator and occasion: the goal's list of occasions (bokslut if it
-- has none) and the occasion a row names. The committee's rating belongs to the
-- occasion its row names, without one to the last in the list. An indicator without an
-- id is found by its printed name.
with mal as (
    select
        stg.*,
        ';'
        || replace(coalesce(stg.tillfallen, stg.tillfalle, 'bokslut'), ' ', '')
        || ';' as lista
    from {{ ref('stg_mal__mal') }} as stg
),

per_tillfalle as (
    select
        mal.*,
        tillfallen.tillfalle as avser_tillfalle,
        {{ manad_slut('mal.ar', 'tillfallen.slutmanad') }} as tillfalle_slut,
        row_number() over (
            partition by
                mal.kommun_kod, mal.ar, mal.mal_id, coalesce(mal.matt_id, mal.matt, ''),
                tillfallen.tillfalle
            order by
                case when mal.tillfalle = tillfallen.tillfalle then 0 else 1 end,
                mal.rad desc
        ) as ordning,
        coalesce(
            mal.tillfalle = tillfallen.tillfalle,
            tillfallen.slutmanad = max(tillfallen.slutmanad) over (
                partition by mal.kommun_kod, mal.ar, mal.mal_id, mal.rad
            )
        ) as bedomt_tillfalle
    from mal
    inner join {{ ref('int_mal__tillfallen') }} as tillfallen
        on
            mal.tillfalle = tillfallen.tillfalle
            or mal.lista like '%;' || tillfallen.tillfalle || ';%'
)

select
    per_tillfalle.kommun_kod,
    per_tillfalle.leverans_id,
    per_tillfalle.ar,
    per_tillfalle.avser_tillfalle as tillfalle,
    per_tillfalle.tillfalle_slut,
    per_tillfalle.mal_id,
    per_tillfalle.malomrade,
    per_tillfalle.inriktningsmal,
    per_tillfalle.effektmal,
    coalesce(per_tillfalle.matt_id, efter_namn.matt_id) as matt_id,
    coalesce(per_tillfalle.matt, efter_id.matt) as matt,
    coalesce(efter_id.enhet_text, efter_namn.enhet_text, '') as enhet_text,
    coalesce(per_tillfalle.matt_id, per_tillfalle.matt, '') as matt_nyckel,
    per_tillfalle.riktning,
    per_tillfalle.malvarde,
    per_tillfalle.malvarde_ovre,
    per_tillfalle.tolerans,
    per_tillfalle.jamforelse,
    per_tillfalle.regel,
    per_tillfalle.vikt,
    per_tillfalle.kalla,
    per_tillfalle.ansvarig,
    case when per_tillfalle.bedomt_tillfalle then per_tillfalle.namndens_bedomning end
        as namndens_bedomning,
    case when per_tillfalle.bedomt_tillfalle then per_tillfalle.motivering end
        as motivering
from per_tillfalle
left join {{ ref('int_mal__matt') }} as efter_id
    on
        per_tillfalle.kommun_kod = efter_id.kommun_kod
        and per_tillfalle.matt_id = efter_id.matt_id
left join {{ ref('int_mal__matt') }} as efter_namn
    on
        per_tillfalle.kommun_kod = efter_namn.kommun_kod
        and per_tillfalle.matt_id is null
        and lower(trim(per_tillfalle.matt)) = lower(trim(efter_namn.matt))
        and efter_namn.antal_med_namnet = 1
where per_tillfalle.ordning = 1
