-- Every row that may be summed (printed totals are left out), with its groups, in
-- REPORT sign: revenue +, cost -.
with rader as (
    select
        *,
        max(ansvar_namn) over (partition by kommun_kod, ansvar) as namn_for_ansvar,
        max(verksamhet_namn)
            over (partition by kommun_kod, verksamhet)
            as namn_for_verksamhet,
        -- What to call a row that names none: the whole, only where no row divides.
        case
            when
                max(coalesce(ansvar, ansvar_namn))
                    over (partition by kommun_kod, tabell, ar)
                is null
                then 'Totalt'
            else 'Ej angivet'
        end as utan_ansvar,
        case
            when
                max(coalesce(verksamhet, verksamhet_namn))
                    over (partition by kommun_kod, tabell, ar)
                is null
                then 'Totalt'
            else 'Ej angivet'
        end as utan_verksamhet
    from {{ ref('stg_ekonomi__ekonomi') }}
    where radtyp = 'rad'
),

final as (
    select
        rader.kommun_kod,
        rader.leverans_id,
        rader.ordning,
        rader.ar,
        rader.manad,
        rader.version,
        rader.budgetversion,
        rader.prognosomgang,
        rader.tabell,
        coalesce(rader.ansvar, '') as ansvar,
        case
            when rader.ansvar is null
                then coalesce(rader.ansvar_namn, rader.utan_ansvar)
            else coalesce(rader.namn_for_ansvar, rader.ansvar)
        end as organisation,
        coalesce(rader.verksamhet, rader.verksamhet_namn, rader.utan_verksamhet)
            as verksamhet,
        case
            when rader.verksamhet is null
                then coalesce(rader.verksamhet_namn, rader.utan_verksamhet)
            else coalesce(rader.namn_for_verksamhet, rader.verksamhet)
        end as verksamhet_namn,
        coalesce(konton.kontogrupp, rader.post, 'okand') as kontogrupp,
        case
            when konton.slag is not null then konton.slag
            when rader.post = 'intakter' then 'intakt'
            when rader.post = 'netto' then 'netto'
            when rader.post is not null then 'kostnad'
            else 'okand'
        end as slag,
        coalesce(konton.forsaljning, false) as forsaljning,
        coalesce(motparter.motpartstyp, 'extern') as motpartstyp,
        verksamheter.rs_rad,
        verksamheter.rs_namn,
        verksamheter.placeringsform,
        -1 * rader.belopp_redovisning_kr as belopp_kr
    from rader
    left join {{ ref('int_ekonomi__konton') }} as konton
        on rader.konto = konton.konto
    left join {{ ref('int_ekonomi__motparter') }} as motparter
        on rader.motpart = motparter.motpart
    left join {{ ref('int_ekonomi__verksamheter') }} as verksamheter
        on
            rader.kommun_kod = verksamheter.kommun_kod
            and rader.verksamhet = verksamheter.verksamhet
)

select * from final
where slag <> 'balans'
