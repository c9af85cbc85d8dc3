-- What a model multiplies a ratio by must be what the catalogue says, and every id must stand in it.
select
    nyckeltal.nyckeltal_id,
    nyckeltal.varde,
    katalog.faktor
from {{ ref('int_nyckeltal__alla') }} as nyckeltal
left join {{ ref('stg_register__katalog') }} as katalog
    on nyckeltal.nyckeltal_id = katalog.nyckeltal_id
where
    katalog.nyckeltal_id is null
    or abs(
        nyckeltal.varde
        - katalog.faktor * nyckeltal.taljare / nullif(nyckeltal.namnare, 0)
    ) > 0.000001 * greatest(1, abs(nyckeltal.varde))
