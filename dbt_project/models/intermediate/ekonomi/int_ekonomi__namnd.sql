-- Outcome of the committee and its units per month in COST sign, from one table per
-- municipality and year: the ledger where there is one, else the printed table with the
-- most rows.
with rader as (
    select * from {{ ref('int_ekonomi__rader') }}
    where version = 'utfall'
),

tabeller as (
    select
        kommun_kod,
        ar,
        tabell,
        row_number() over (
            partition by kommun_kod, ar
            order by
                case when tabell = 'huvudbok' then 0 else 1 end,
                count(*) desc,
                tabell asc
        ) as ordning
    from rader
    group by kommun_kod, ar, tabell
),

valda as (
    select
        rader.*,
        -1 * rader.belopp_kr as kostnad_kr
    from rader
    inner join tabeller
        on
            rader.kommun_kod = tabeller.kommun_kod
            and rader.ar = tabeller.ar
            and rader.tabell = tabeller.tabell
    where tabeller.ordning = 1
),

organisationer as (
    select
        valda.*,
        'Totalt' as redovisad_organisation
    from valda
    union all
    select
        valda.*,
        valda.organisation as redovisad_organisation
    from valda
    where valda.organisation <> 'Totalt'
)

select
    kommun_kod,
    ar,
    manad,
    redovisad_organisation as organisation,
    sum(kostnad_kr) as nettokostnad_kr,
    -- A printed net row hides how much of it is gross cost.
    case
        when max(case when slag in ('netto', 'okand') then 1 else 0 end) = 0
            then
                sum(
                    case
                        when
                            slag in ('kostnad', 'intern', 'finansiellt')
                            then kostnad_kr
                        else 0
                    end
                )
    end as bruttokostnad_kr,
    count(*) as rader,
    min(leverans_id) as forsta_leverans,
    max(leverans_id) as sista_leverans
from organisationer
group by kommun_kod, ar, manad, redovisad_organisation
