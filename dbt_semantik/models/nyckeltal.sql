-- The published fact, our own counts only: hidden cells have no taljare, namnare or varde and are in no sum.
select
    *,
    concat_ws('|', kommun_kod, organisation, kon, alder, indelning, indelning_varde, periodtyp, period_slut) as cell
from read_parquet('{{ env_var("SEMANTIK_MARTS") }}/nyckeltal.parquet')
where ursprung = 'egen_berakning'
