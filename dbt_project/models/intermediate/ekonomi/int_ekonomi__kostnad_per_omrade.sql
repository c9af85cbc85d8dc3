-- Cost per RS row, month and version in COST sign (cost +, revenue -). Two numbers with
-- two names: rs_kostnad_kr is gross cost less internal income and sales to other
-- municipalities and regions; nettokostnad_kr is the ledger's. Rows without account
-- (printed tables) cannot be split and are left out.
with rader as (
    select
        kommun_kod,
        ar,
        manad,
        version,
        prognosomgang,
        coalesce(rs_rad, 'ovrigt') as rs_rad,
        coalesce(rs_namn, 'Ej kopplat till RS') as omrade,
        coalesce(placeringsform, 'ej_uppdelad') as placeringsform,
        leverans_id,
        -1 * belopp_kr as kostnad_kr,
        slag,
        slag = 'intakt' and motpartstyp = 'intern' as intern_intakt,
        slag = 'intakt'
        and forsaljning
        and motpartstyp in ('kommun', 'region') as forsaljning_utat
    from {{ ref('int_ekonomi__rader') }}
    where tabell = 'huvudbok' and slag in ('intakt', 'kostnad', 'intern', 'finansiellt')
),

summor as (
    select
        kommun_kod,
        ar,
        manad,
        version,
        prognosomgang,
        rs_rad,
        omrade,
        placeringsform,
        sum(case when slag in ('kostnad', 'intern') then kostnad_kr else 0 end)
            as bruttokostnad_kr,
        sum(case when slag = 'intakt' then -1 * kostnad_kr else 0 end)
            as bruttointakt_kr,
        sum(case when intern_intakt then -1 * kostnad_kr else 0 end)
            as interna_intakter_kr,
        sum(case when forsaljning_utat then -1 * kostnad_kr else 0 end)
            as forsaljning_kommun_region_kr,
        sum(kostnad_kr) as nettokostnad_kr,
        case when min(leverans_id) = max(leverans_id) then min(leverans_id) end
            as leverans_id
    from rader
    group by
        kommun_kod, ar, manad, version, prognosomgang, rs_rad, omrade, placeringsform
)

select
    *,
    bruttokostnad_kr
    - interna_intakter_kr
    - forsaljning_kommun_region_kr as rs_kostnad_kr
from summor
