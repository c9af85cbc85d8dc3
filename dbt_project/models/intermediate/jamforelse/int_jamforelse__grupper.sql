/*
    Whom each municipality is compared with, year by year: members of its county and of the country (itself among them,
    as in Kolada's own means), of Kolada's Liknande kommuner IFO (the latest vintage up to the year; never itself) and of its own
    list. Only municipalities that deliver or keep a list of their own are compared; made-up ones (county above 25) are
    never mixed with the country's.
*/
with kommuner as (
    select * from {{ ref('stg_register__kommuner') }}
),

egen_lista as (
    select * from {{ ref('jamforelsekommuner') }}
),

jamforda as (
    select kommun_kod from {{ ref('stg_register__leveranser') }}
    where kommun_kod <> '0000'
    union distinct
    select kommun_kod from egen_lista
),

ar as (
    select distinct ar from {{ ref('int_kolada__varden') }}
),

-- a vintage holds from its year until the next one
liknande as (
    select
        ar.ar,
        grupper.fokus_kod as kommun_kod,
        grupper.grupp,
        grupper.argang,
        grupper.medlem_kod,
        rank() over (
            partition by ar.ar, grupper.fokus_kod
            order by grupper.argang desc
        ) as ordning
    from {{ ref('int_kolada__grupper') }} as grupper
    inner join jamforda
        on grupper.fokus_kod = jamforda.kommun_kod
    inner join ar
        on grupper.argang <= ar.ar
    where grupper.omrade = 'IFO'
),

medlemmar as (
    select
        kommun_kod,
        ar,
        'liknande_ifo' as grupp,
        grupp as grupp_namn,
        argang as grupp_ar,
        medlem_kod
    from liknande
    where ordning = 1
    union all
    select
        jamforda.kommun_kod,
        ar.ar,
        'lan' as grupp,
        egen.lan as grupp_namn,
        cast(null as {{ typ_int() }}) as grupp_ar,
        andra.kommun_kod as medlem_kod
    from jamforda
    inner join kommuner as egen
        on jamforda.kommun_kod = egen.kommun_kod
    inner join kommuner as andra
        on egen.lan_kod = andra.lan_kod
    cross join ar
    where egen.lan_kod <> ''
    union all
    select
        jamforda.kommun_kod,
        ar.ar,
        'riket' as grupp,
        'Alla kommuner' as grupp_namn,
        cast(null as {{ typ_int() }}) as grupp_ar,
        kommuner.kommun_kod as medlem_kod
    from jamforda
    inner join kommuner as egen
        on jamforda.kommun_kod = egen.kommun_kod
    cross join kommuner
    cross join ar
    where
        egen.lan_kod between '01' and '25'
        and kommuner.lan_kod between '01' and '25'
    union all
    select
        egen_lista.kommun_kod,
        ar.ar,
        'egen_lista' as grupp,
        egen_lista.grupp as grupp_namn,
        cast(null as {{ typ_int() }}) as grupp_ar,
        egen_lista.jamforelsekommun_kod as medlem_kod
    from egen_lista
    cross join ar
    where egen_lista.jamforelsekommun_kod <> egen_lista.kommun_kod
)

select
    kommun_kod,
    ar,
    grupp,
    grupp_namn,
    grupp_ar,
    medlem_kod,
    count(*) over (
        partition by kommun_kod, ar, grupp, grupp_namn
    ) as antal_medlemmar
from medlemmar
