-- As Socialstyrelsen and Kolada since 2021: months are counted across municipalities and the person belongs to the
-- municipality of the last month. Numerator and denominator hold the same persons.
with numrerade as (
    select
        *,
        row_number() over (partition by person_id, manad order by kommun_kod) as ordning
    from {{ ref('int_ekonomiskt_bistand__personmanader') }}
),

-- Aid in two municipalities in one month is one month, in the one with the lower code.
personmanader as (
    select * from numrerade
    where ordning = 1
),

perioder as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp in ('ar', 'r12')
),

treaarsfonster as (
    select * from {{ ref('int_kalender__perioder') }}
    where tabell = 'forsorjningsstod' and periodtyp = 'r36'
),

fonster as (
    select distinct
        periodtyp,
        period_start,
        slutmanad,
        period_slut,
        ar
    from perioder
),

personer_i_fonster as (
    select
        personmanader.person_id,
        fonster.periodtyp,
        fonster.slutmanad,
        count(*) as bistandsmanader,
        max(personmanader.manad) as sista_manad
    from personmanader
    inner join fonster
        on
            personmanader.manad >= fonster.period_start
            and personmanader.manad <= fonster.slutmanad
    group by personmanader.person_id, fonster.periodtyp, fonster.slutmanad
),

med_forra_manad as (
    select
        person_id,
        manad,
        lag(manad) over (partition by person_id order by manad) as forra_manad
    from personmanader
),

-- A spell goes on over breaks of at most the allowed number of months in a row.
kedjelankar as (
    select
        person_id,
        manad,
        case
            when
                {{ month_number('manad') }} - {{ month_number('forra_manad') }}
                <= {{ var('eb_mycket_langvarigt_uppehall') }} + 1
                then 0
            else 1
        end as ny_kedja
    from med_forra_manad
),

kedjor as (
    select
        person_id,
        manad,
        sum(ny_kedja) over (
            partition by person_id order by manad
            rows between unbounded preceding and current row
        ) as kedja
    from kedjelankar
),

fonster_36 as (
    select distinct
        period_start,
        slutmanad
    from treaarsfonster
),

kedjor_i_fonster as (
    select
        kedjor.person_id,
        fonster_36.slutmanad,
        kedjor.kedja,
        count(*) as bistandsmanader
    from kedjor
    inner join fonster_36
        on
            kedjor.manad >= fonster_36.period_start
            and kedjor.manad <= fonster_36.slutmanad
    group by kedjor.person_id, fonster_36.slutmanad, kedjor.kedja
    having count(*) >= {{ var('eb_mycket_langvarigt_manader') }}
),

mycket_langvariga as (
    select distinct
        person_id,
        slutmanad
    from kedjor_i_fonster
),

vuxna as (
    select
        personmanader.kommun_kod,
        perioder.periodtyp,
        perioder.period_slut,
        personmanader.kon,
        personmanader.hushallstyp,
        case
            when
                personer_i_fonster.bistandsmanader
                >= {{ var('eb_langvarigt_manader') }}
                then 1
            else 0
        end as langvarigt,
        case
            when mycket_langvariga.person_id is not null then 1 else 0
        end as mycket_langvarigt
    from personer_i_fonster
    inner join personmanader
        on
            personer_i_fonster.person_id = personmanader.person_id
            and personer_i_fonster.sista_manad = personmanader.manad
    inner join perioder
        on
            personmanader.kommun_kod = perioder.kommun_kod
            and personer_i_fonster.periodtyp = perioder.periodtyp
            and personer_i_fonster.slutmanad = perioder.slutmanad
    left join mycket_langvariga
        on
            personer_i_fonster.person_id = mycket_langvariga.person_id
            and personer_i_fonster.slutmanad = mycket_langvariga.slutmanad
    where perioder.ar - personmanader.fodelsear >= 18
),

{%- set matt = ['vuxna', 'langvariga', 'mycket_langvariga'] %}

fina as (
    select
        kommun_kod,
        periodtyp,
        period_slut,
        kon,
        hushallstyp,
        count(*) as vuxna,
        sum(langvarigt) as langvariga,
        sum(mycket_langvarigt) as mycket_langvariga
    from vuxna
    group by kommun_kod, periodtyp, period_slut, kon, hushallstyp
    union all
    {{ nollrader('perioder', ['hushallstyp'], matt) }}
),

summor as (
    {{ snitt('fina', matt, indelningar=['hushallstyp']) }}
),

alla_rutor as (
    {{ rutor('summor', 'perioder', matt) }}
),

rutor as (
    select
        alla_rutor.*,
        treaarsfonster.slutmanad is not null as tre_ar_tackta
    from alla_rutor
    left join treaarsfonster
        on
            alla_rutor.kommun_kod = treaarsfonster.kommun_kod
            and alla_rutor.period_slut = treaarsfonster.period_slut
)

{{ nyckeltal_rader('rutor', [
    {'id': 'eb_langvarigt', 'taljare': 'langvariga', 'n': 'langvariga'},
    {
        'id': 'eb_langvarigt_andel', 'taljare': 'langvariga', 'namnare': 'vuxna',
        'faktor': 100, 'n': 'vuxna',
    },
    {
        'id': 'eb_mycket_langvarigt', 'taljare': 'mycket_langvariga',
        'n': 'mycket_langvariga', 'om': 'tre_ar_tackta',
    },
    {
        'id': 'eb_mycket_langvarigt_andel', 'taljare': 'mycket_langvariga',
        'namnare': 'vuxna', 'faktor': 100, 'n': 'vuxna',
        'om': 'tre_ar_tackta',
    },
]) }}
