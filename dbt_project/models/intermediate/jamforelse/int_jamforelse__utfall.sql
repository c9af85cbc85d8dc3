/*
    Each municipality against each of its groups. The mean is unweighted over the members that have a value, as Kolada's. The
    rank is 1 + the members that do better (high where high is good, low where low is good; highest first where
    neither is): equal values share the better rank. Quartile 1 is the best quarter of those ranked.
*/
with celler as (
    select * from {{ ref('int_jamforelse__celler') }}
),

grupper as (
    select * from {{ ref('int_jamforelse__grupper') }}
),

katalog as (
    select * from {{ ref('stg_register__katalog') }}
),

kolada as (
    select * from celler
    where varde_kolada is not null
),

-- a year that only the group has is a row too: it is seen that our own figure is missing
egna_celler as (
    select distinct
        grupper.kommun_kod,
        kolada.nyckeltal_id,
        kolada.kon,
        kolada.ar
    from grupper
    inner join kolada
        on grupper.medlem_kod = kolada.kommun_kod and grupper.ar = kolada.ar
),

jamforda as (
    select
        egna_celler.kommun_kod,
        egna_celler.nyckeltal_id,
        egna_celler.kon,
        egna_celler.ar,
        celler.varde_serie,
        katalog.riktning
    from egna_celler
    inner join katalog
        on egna_celler.nyckeltal_id = katalog.nyckeltal_id
    left join celler
        on
            egna_celler.kommun_kod = celler.kommun_kod
            and egna_celler.nyckeltal_id = celler.nyckeltal_id
            and egna_celler.kon = celler.kon
            and egna_celler.ar = celler.ar
),

grupputfall as (
    select
        jamforda.kommun_kod,
        jamforda.nyckeltal_id,
        jamforda.kon,
        jamforda.ar,
        grupper.grupp,
        grupper.grupp_namn,
        max(grupper.grupp_ar) as grupp_ar,
        max(grupper.antal_medlemmar) as antal_medlemmar,
        {{ ordningslos_summa('kolada.varde_kolada') }}
        / nullif(count(kolada.varde_kolada), 0) as grupp_medel,
        {{ median('kolada.varde_kolada') }} as grupp_median,
        min(kolada.varde_kolada) as grupp_min,
        max(kolada.varde_kolada) as grupp_max,
        count(*) as n,
        max(kolada.status_kolada) as grupp_status, -- preliminar sorts after ok
        max(kolada.ursprung_kolada) as grupp_ursprung,
        max(jamforda.varde_serie) as varde_serie,
        sum(case when kolada.kommun_kod <> jamforda.kommun_kod then 1 else 0 end)
            as andra,
        -- the others with a higher and with a lower value
        sum(
            case
                when kolada.kommun_kod = jamforda.kommun_kod then 0
                when kolada.varde_kolada > jamforda.varde_serie then 1
                else 0
            end
        ) as hogre,
        sum(
            case
                when kolada.kommun_kod = jamforda.kommun_kod then 0
                when kolada.varde_kolada < jamforda.varde_serie then 1
                else 0
            end
        ) as lagre,
        max(jamforda.riktning) as riktning
    from jamforda
    inner join grupper
        on jamforda.kommun_kod = grupper.kommun_kod and jamforda.ar = grupper.ar
    inner join kolada
        on
            grupper.medlem_kod = kolada.kommun_kod
            and jamforda.nyckeltal_id = kolada.nyckeltal_id
            and jamforda.kon = kolada.kon
            and jamforda.ar = kolada.ar
    group by
        jamforda.kommun_kod,
        jamforda.nyckeltal_id,
        jamforda.kon,
        jamforda.ar,
        grupper.grupp,
        grupper.grupp_namn
),

rangordnade as (
    select
        *,
        case riktning when 'lag_bra' then lagre else hogre end as battre,
        varde_serie is not null and andra > 0 as rangordnas
    from grupputfall
)

select
    kommun_kod,
    nyckeltal_id,
    kon,
    ar,
    grupp,
    grupp_namn,
    grupp_ar,
    antal_medlemmar,
    grupp_medel,
    grupp_median,
    grupp_min,
    grupp_max,
    n,
    grupp_status,
    grupp_ursprung,
    case when rangordnas then battre + 1 end as rang,
    case when rangordnas then hogre + 1 end as rang_fran_hogst,
    case when rangordnas then lagre + 1 end as rang_fran_lagst,
    case when rangordnas then andra + 1 end as antal_rangordnade,
    case
        when rangordnas and andra >= 3
            then cast(floor(4.0 * battre / (andra + 1)) as {{ typ_int() }}) + 1
    end as kvartil
from rangordnade
