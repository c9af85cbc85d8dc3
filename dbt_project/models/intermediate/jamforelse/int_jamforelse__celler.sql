/*
    A municipality's own figure beside Kolada's: one row per nyckeltal, kön and year in the cell that is Kolada's. A figure
    delivered for the year under the catalogue's id is that cell too: a printed table states neither the age band nor the
    half-year that the id means. Our own count comes before a delivered figure. The series that is ranked and trended is Kolada's where it has a value.
*/
with fakta as (
    select
        fakta.kommun_kod,
        fakta.nyckeltal_id,
        fakta.kon,
        cast(extract(year from fakta.period_slut) as {{ typ_int() }}) as ar,
        fakta.varde,
        fakta.status,
        fakta.ursprung,
        case when fakta.ursprung in ('kolada', 'syntetisk') then 1 else 0 end
            as ar_kolada,
        row_number() over (
            partition by
                fakta.kommun_kod,
                fakta.nyckeltal_id,
                fakta.kon,
                extract(year from fakta.period_slut),
                case when fakta.ursprung in ('kolada', 'syntetisk') then 1 else 0 end
            order by
                case fakta.ursprung
                    when 'egen_berakning' then 1
                    when 'nationell_statistik' then 2
                    else 3
                end asc,
                case
                    when fakta.periodtyp = katalog.kolada_periodtyp then 0 else 1
                end asc,
                fakta.leverans_id asc
        ) as ordning
    from {{ ref('int_nyckeltal__fakta') }} as fakta
    inner join {{ ref('stg_register__katalog') }} as katalog
        on fakta.nyckeltal_id = katalog.nyckeltal_id
    where
        katalog.kolada_id is not null
        and fakta.varde is not null
        and fakta.organisation = 'Totalt'
        and (
            (
                fakta.alder = katalog.kolada_alder
                and fakta.indelning = katalog.kolada_indelning
                and fakta.indelning_varde = katalog.kolada_indelning_varde
                and fakta.periodtyp = katalog.kolada_periodtyp
            )
            or (
                fakta.ursprung in ('manuell', 'nationell_statistik')
                and fakta.alder = 'totalt'
                and fakta.indelning = 'totalt'
                and fakta.periodtyp = 'ar'
            )
        )
),

celler as (
    select
        kommun_kod,
        nyckeltal_id,
        kon,
        ar,
        max(case when ar_kolada = 0 then varde end) as varde_egen,
        max(case when ar_kolada = 0 then status end) as status_egen,
        max(case when ar_kolada = 0 then ursprung end) as ursprung_egen,
        max(case when ar_kolada = 1 then varde end) as varde_kolada,
        max(case when ar_kolada = 1 then status end) as status_kolada,
        max(case when ar_kolada = 1 then ursprung end) as ursprung_kolada
    from fakta
    where ordning = 1
    group by kommun_kod, nyckeltal_id, kon, ar
),

serier as (
    select
        celler.*,
        coalesce(varde_kolada, varde_egen) as varde_serie,
        case when varde_kolada is null then ursprung_egen else ursprung_kolada end
            as ursprung_serie,
        ar - 2000 as x
    from celler
),

fonster as (
    select
        *,
        count(*) over fem as antal,
        sum(x) over fem as sx,
        sum(varde_serie) over fem as sy,
        sum(x * varde_serie) over fem as sxy,
        sum(x * x) over fem as sxx
    from serier
    window fem as (
        partition by kommun_kod, nyckeltal_id, kon, ursprung_serie
        order by x
        range between {{ var('jamforelse_trend_ar') - 1 }} preceding and current row
    )
)

select
    fonster.kommun_kod,
    fonster.nyckeltal_id,
    fonster.kon,
    fonster.ar,
    fonster.varde_egen,
    fonster.status_egen,
    fonster.ursprung_egen,
    fonster.varde_kolada,
    fonster.status_kolada,
    fonster.ursprung_kolada,
    fonster.varde_serie,
    fonster.ursprung_serie,
    -- a break is Kolada's: our own series is counted in one way through all its years
    fonster.ursprung_serie in ('kolada', 'syntetisk')
    and (
        {%- for steg in range(var('jamforelse_trend_ar') - 1) %}
        {{ 'or ' if not loop.first }}';' || katalog.brott_ar || ';'
        like '%;' || cast(fonster.ar - {{ steg }} as {{ typ_text() }}) || ';%'
        {%- endfor %}
    ) as serie_brott,
    case
        when fonster.antal >= {{ var('jamforelse_trend_minst') }}
            then
                (fonster.antal * fonster.sxy - fonster.sx * fonster.sy)
                / (fonster.antal * fonster.sxx - fonster.sx * fonster.sx)
    end as lutning
from fonster
inner join {{ ref('stg_register__katalog') }} as katalog
    on fonster.nyckeltal_id = katalog.nyckeltal_id
