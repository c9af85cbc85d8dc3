-- One mark per indicator: all its tests must hold, except where the goal says "eller"
-- (foregaende_ar/jamforbara), where the best known counts. Always a reason.
with utfall as (
    select * from {{ ref('int_mal__utfall') }}
),

prov as (
    select
        kommun_kod,
        ar,
        tillfalle,
        mal_id,
        matt_nyckel,
        count(*) as antal,
        count(betyg) as antal_kanda,
        min(betyg) as samsta,
        max(betyg) as basta,
    {% for slag in ['malvarde', 'foregaende_ar', 'jamforbara'] %}
    max(case when slag = '{{ slag }}' then text_med_tal end) as {{ slag }}_med_tal,
    max(case when slag = '{{ slag }}' then text_utan_tal end)
        as {{ slag }}_utan_tal{{ ',' if not loop.last }}
    {% endfor %}
    from {{ ref('int_mal__provade') }}
    group by kommun_kod, ar, tillfalle, mal_id, matt_nyckel
),

bedomda as (
    select
        utfall.*,
        case
            when
                utfall.utfall is null or utfall.riktning is null or prov.antal is null
                then null
            when utfall.jamforelse like '%/%' then prov.basta
            when prov.samsta = 0 then 0
            when prov.antal_kanda < prov.antal then null
            else prov.samsta
        end as betyg,
        case
            when
                utfall.matt_nyckel = ''
                then 'Målet saknar mått, så det finns inget utfall att bedöma.'
            when utfall.riktning is null then 'Målet saknar riktning och målvärde.'
            when utfall.matt_id is null
                then
                    'Måttet «'
                    || utfall.matt
                    || '» finns varken i katalogen eller bland levererade mått.'
            when
                utfall.utfall_status = 'undertryckt'
                then 'Utfallet är undertryckt av sekretesskäl.'
            when
                utfall.utfall is null and utfall.utfall_status is not null
                then 'Utfallet saknas i underlaget.'
            when utfall.utfall is null and utfall.senaste_period_slut is null
                then 'Inget utfall har levererats för måttet.'
            when utfall.utfall is null
                then
                    'Utfall för perioden till och med '
                    || cast(utfall.tillfalle_slut as {{ typ_text() }})
                    || ' finns inte; det senaste avser '
                    || cast(utfall.senaste_period_slut as {{ typ_text() }})
                    || '.'
            when
                prov.antal is null
                then 'Målets riktning «' || utfall.riktning || '» kan inte bedömas.'
        end as hinder,
    {% for sort in ['med_tal', 'utan_tal'] %}
    coalesce(prov.malvarde_{{ sort }}, '')
    || case
        when
            prov.malvarde_{{ sort }} is not null
            and coalesce(
                prov.foregaende_ar_{{ sort }}, prov.jamforbara_{{ sort }}
            ) is not null
            then ' och '
        else ''
    end
    || coalesce(prov.foregaende_ar_{{ sort }}, '')
    || case
        when
            prov.foregaende_ar_{{ sort }} is not null
            and prov.jamforbara_{{ sort }} is not null
            then case when utfall.jamforelse like '%/%' then ' eller ' else ' och ' end
        else ''
    end
    || coalesce(prov.jamforbara_{{ sort }}, '')
        as jamforelse_{{ sort }}{{ ',' if not loop.last }}
    {% endfor %}
    from utfall
    left join prov
        on
            utfall.kommun_kod = prov.kommun_kod
            and utfall.ar = prov.ar
            and utfall.tillfalle = prov.tillfalle
            and utfall.mal_id = prov.mal_id
            and utfall.matt_nyckel = prov.matt_nyckel
)

select
    *,
    coalesce(
        hinder,
        'Utfallet ' || {{ svenskt_tal('utfall') }} || utfall_enhet
        || case when utfall_status = 'preliminar' then ' (preliminärt)' else '' end
        || ' ' || jamforelse_med_tal || '.'
    ) as skal,
    coalesce(
        hinder,
        'Utfallet '
        || case when utfall_status = 'preliminar' then '(preliminärt) ' else '' end
        || jamforelse_utan_tal || '.'
    ) as skal_utan_tal
from bedomda
