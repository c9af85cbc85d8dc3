-- One row per household and month, with what the household has had so far in the year: the row of its latest
-- month answers for every cumulative period that ends before its next one.
with rader as (
    select * from {{ ref('stg_forsorjningsstod__forsorjningsstod') }}
),

manader as (
    select
        kommun_kod,
        hushall_id,
        manad,
        extract(year from manad) as ar,
        min(hushallstyp) as hushallstyp,
        coalesce(min(forsorjningshinder), 'okant') as forsorjningshinder,
        coalesce(min(enhet), 'Okänd enhet') as enhet,
        max(coalesce(barn, 0)) as barn,
        sum(belopp_kr) as belopp_kr,
        -- A month counts as a month of aid when something was paid for it, net of what was taken back.
        case when sum(belopp_kr) > 0 then 1 else 0 end as bistand
    from rader
    group by kommun_kod, hushall_id, manad
),

final as (
    select
        manader.*,
        sum(bistand) over hittills as manader_ack,
        sum(belopp_kr) over hittills as belopp_ack,
        max(case when bistand = 1 then barn else 0 end) over hittills as barn_ack,
        lead(manad) over aret as nasta_manad_i_aret,
        -- What was taken back after the last month of aid says nothing about who the household is.
        coalesce(
            {{ senaste_dar('hushallstyp', 'bistand = 1', 'hittills') }},
            hushallstyp
        ) as hushallstyp_ack,
        coalesce(
            {{ senaste_dar('forsorjningshinder', 'bistand = 1', 'hittills') }},
            forsorjningshinder
        ) as forsorjningshinder_ack,
        coalesce(
            {{ senaste_dar('enhet', 'bistand = 1', 'hittills') }},
            enhet
        ) as enhet_ack
    from manader
    window
        aret as (partition by kommun_kod, hushall_id, ar order by manad),
        hittills as (
            partition by kommun_kod, hushall_id, ar order by manad
            rows between unbounded preceding and current row
        )
)

select * from final
