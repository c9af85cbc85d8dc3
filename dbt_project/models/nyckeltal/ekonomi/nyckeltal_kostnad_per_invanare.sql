-- Kronor per inhabitant on 31 December, calendar years with all twelve months in the
-- ledger. IFO as Kolada counts it: RS rows 559, 569, 571, 575 and 585. A year without
-- population gives no figure.
with kostnader as (
    select
        kommun_kod,
        ar,
        count(distinct manad) as manader,
        sum(case when manad is null then 1 else 0 end) as helarsrader,
        sum(case when rs_rad = '575' then rs_kostnad_kr end) as bistand_kr,
        sum(
            case
                when rs_rad in ('559', '569', '571', '575', '585') then rs_kostnad_kr
            end
        ) as ifo_kr,
        sum(
            case
                when rs_rad in ('559', '569', '571', '575', '585')
                    then bruttokostnad_kr - bruttointakt_kr
            end
        ) as ifo_netto_kr,
        case
            when
                min(leverans_id) = max(leverans_id) and count(leverans_id) = count(*)
                then min(leverans_id)
        end
            as leverans_id
    from {{ ref('int_ekonomi__kostnad_per_omrade') }}
    where version = 'utfall'
    group by kommun_kod, ar
),

befolkning as (
    select
        kommun_kod,
        ar,
        antal
    from {{ ref('int_befolkning__grupper') }}
    where alder = 'totalt' and kon = 'T'
),

summor as (
    select
        kostnader.kommun_kod,
        'Totalt' as organisation,
        'T' as kon,
        'totalt' as alder,
        'totalt' as indelning,
        'totalt' as indelning_varde,
        {{ ar_start('kostnader.ar') }} as period_start,
        {{ ar_slut('kostnader.ar') }} as period_slut,
        'ar' as periodtyp,
        'ok' as status,
        kostnader.bistand_kr,
        kostnader.ifo_kr,
        kostnader.ifo_netto_kr,
        befolkning.antal as invanare,
        kostnader.leverans_id
    from kostnader
    left join befolkning
        on
            kostnader.kommun_kod = befolkning.kommun_kod
            and kostnader.ar = befolkning.ar
    where
        kostnader.manader = 12 or (kostnader.manader = 0 and kostnader.helarsrader > 0)
)

{{ nyckeltal_rader('summor', [
    {'id': 'eko_bistand_per_invanare', 'taljare': 'bistand_kr', 'namnare': 'invanare', 'n': 'invanare',
     'om': 'bistand_kr is not null'},
    {'id': 'eko_ifo_per_invanare', 'taljare': 'ifo_kr', 'namnare': 'invanare', 'n': 'invanare',
     'om': 'ifo_kr is not null'},
    {'id': 'eko_ifo_netto_per_invanare', 'taljare': 'ifo_netto_kr', 'namnare': 'invanare', 'n': 'invanare',
     'om': 'ifo_kr is not null'},
]) }}
