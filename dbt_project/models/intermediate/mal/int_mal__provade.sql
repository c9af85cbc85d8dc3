-- Each test with its mark (2 helt, 1 delvis, 0 ej, null cannot be told) and its words,
-- with and without figures.
with provningar as (
    select * from {{ ref('int_mal__provningar') }}
),

betygsatta as (
    select
        *,
        case
            when utfall is null or referens is null then null
            when krav = 'intervall' and referens_ovre is null then null
            when krav = 'minst' and utfall >= referens then 2
            when krav = 'hogst' and utfall <= referens then 2
            when krav = 'over' and utfall > referens then 2
            when krav = 'under' and utfall < referens then 2
            when krav = 'lika' and utfall = referens then 2
            when
                krav = 'intervall' and utfall between referens and referens_ovre
                then 2
            when krav = 'nara' and abs(utfall - referens) <= marginal then 2
            when krav in ('minst', 'over') and utfall >= referens - marginal then 1
            when krav in ('hogst', 'under') and utfall <= referens + marginal then 1
            when krav = 'lika' and abs(utfall - referens) <= marginal then 1
            when
                krav = 'intervall'
                and utfall between referens - marginal and referens_ovre + marginal_ovre
                then 1
            when krav = 'nara' and abs(utfall - referens) <= 2 * marginal then 1
            else 0
        end as betyg,
        case slag
            when
                'malvarde'
                then
                    case
                        when krav = 'intervall' then 'målintervallet' else
                            'målvärdet'
                    end
            when 'foregaende_ar' then 'samma period föregående år'
            else 'jämförbara kommuners median'
        end as referensnamn,
        case slag
            when 'malvarde' then 'målvärdet saknas'
            when 'foregaende_ar' then 'utfallet för samma period föregående år saknas'
            when 'jamforbara' then case
                when
                    grupp_median is null
                    then 'jämförelsevärdet för andra kommuner saknas'
                else
                    'jämförbara kommuners värde gäller helår och kan inte '
                    || 'jämföras med en del av året'
            end
        end as bristtext,
        {{ svenskt_tal('referens') }}
        || case
            when krav = 'intervall' then '–' || {{ svenskt_tal('referens_ovre') }}
            else ''
        end
        || enhet_text
        || case
            when
                slag = 'jamforbara'
                then ', ' || cast(jamforelse_ar as {{ typ_text() }})
            else ''
        end
            as referenstal
    from provningar
),

ordsatta as (
    select
        *,
        case krav
            when
                'minst'
                then case
                    when betyg < 2 then 'är lägre än'
                    when slag = 'malvarde' then 'når'
                    else 'är inte lägre än'
                end
            when
                'hogst'
                then case betyg when 2 then 'är inte högre än' else 'är högre än' end
            when
                'over'
                then case betyg when 2 then 'är högre än' else 'är inte högre än' end
            when
                'under'
                then case betyg when 2 then 'är lägre än' else 'är inte lägre än' end
            when
                'lika'
                then case betyg when 2 then 'är lika med' else 'skiljer sig från' end
            when
                'intervall'
                then case betyg when 2 then 'ligger inom' else 'ligger utanför' end
            else case betyg when 2 then 'ligger i nivå med' else 'avviker från' end
        end as verb,
        -- To keep a level is met within the tolerance, and in part within twice as much.
        case
            when betyg = 1 and krav = 'nara' then ', men inom dubbla toleransen'
            when betyg = 1 then ', men inom toleransen'
            else ''
        end as tillagg
    from betygsatta
)

select
    kommun_kod,
    ar,
    tillfalle,
    mal_id,
    matt_nyckel,
    slag,
    betyg,
    case
        when betyg is null then 'kan inte bedömas helt: ' || bristtext
        else verb || ' ' || referensnamn || ' (' || referenstal || ')' || tillagg
    end as text_med_tal,
    case
        when betyg is null then 'kan inte bedömas helt: ' || bristtext
        else verb || ' ' || referensnamn || tillagg
    end as text_utan_tal
from ordsatta
