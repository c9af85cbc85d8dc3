-- One nyckeltal per question and målgrupp of the national survey; ids as in the
-- catalogue: bu_<fråga>_<målgrupp>.
select
    kommun_kod,
    'bu_' || fraga_id || '_' || malgrupp as nyckeltal_id,
    organisation,
    kon,
    'totalt' as alder,
    'totalt' as indelning,
    'totalt' as indelning_varde,
    {{ ar_start('ar') }} as period_start,
    {{ ar_slut('ar') }} as period_slut,
    'ar' as periodtyp,
    cast(n_positiva as {{ typ_double() }}) as taljare,
    cast(n_svar as {{ typ_double() }}) as namnare,
    andel as varde,
    cast(n_svar as {{ typ_bigint() }}) as n,
    status,
    leverans_id
from {{ ref('int_enkater__resultat') }}
where enkat = 'brukarundersokning_ifo' and kolada_id is not null
