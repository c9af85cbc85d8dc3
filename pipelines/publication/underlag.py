"""What disclosure control must know beside the marts, read from the warehouse: never published, held in memory only.

Aggregates over the person-level rows; no row of a person leaves this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

_ENKATER = """
    select kommun_kod, enkat, malgrupp, fraga_id, organisation, kon, ar, n_svar, n_positiva
    from intermediate.int_enkater__raknade
    order by all
"""

# whose money an amount of the ledger is: persons with care of the verksamhet's form (children by RS row 569), or
# households with aid (RS row 575); `storsta_kr` is the dearest of them in the month
_BAKOM = """
    with manader as (
        select distinct kommun_kod, ar, manad, make_date(ar, manad, 1) as forsta,
            last_day(make_date(ar, manad, 1)) as sista
        from intermediate.int_ekonomi__manad
        where manad is not null
    ),

    personer as (
        select manader.kommun_kod, manader.ar, manader.manad, plac.form,
            manader.ar - plac.fodelsear <= 20 as barn, plac.person_id,
            sum(plac.dygnskostnad_kr * (date_diff('day', greatest(plac.start_dag, manader.forsta),
                least(coalesce(plac.slut_dag, manader.sista), manader.sista)) + 1)) as kr
        from manader
        inner join staging.stg_placeringar__placeringar as plac
            on manader.kommun_kod = plac.kommun_kod
            and plac.start_dag <= manader.sista
            and coalesce(plac.slut_dag >= manader.forsta, true)
        group by all
    ),

    placerade as (
        select kommun_kod, ar, manad, form, barn, count(*) as n, max(kr) as storsta_kr
        from personer
        group by all
    ),

    hushall as (
        select kommun_kod, extract(year from manad) as ar, extract(month from manad) as manad,
            count(distinct hushall_id) as n, max(belopp_kr) as storsta_kr
        from staging.stg_forsorjningsstod__forsorjningsstod
        where belopp_kr > 0
        group by all
    )

    select v.kommun_kod, v.verksamhet, p.ar, p.manad, sum(p.n) as n, max(p.storsta_kr) as storsta_kr
    from intermediate.int_ekonomi__verksamheter as v
    inner join placerade as p
        on v.kommun_kod = p.kommun_kod and v.placeringsform = p.form and (v.rs_rad = '569') = p.barn
    group by all
    union all
    select v.kommun_kod, v.verksamhet, h.ar, h.manad, h.n, h.storsta_kr
    from intermediate.int_ekonomi__verksamheter as v
    inner join hushall as h on v.kommun_kod = h.kommun_kod
    where v.rs_rad = '575' and v.placeringsform is null
    order by all
"""

# every verksamhet that a volume may stand behind, also in months when nobody was there
_PERSONVERKSAMHETER = """
    select distinct kommun_kod, verksamhet
    from intermediate.int_ekonomi__verksamheter
    where placeringsform is not null or rs_rad = '575'
    order by all
"""


@dataclass(frozen=True)
class Underlag:
    """enkater: counted answers before the questionnaire's limit. bakom: n and largest per verksamhet and month."""

    enkater: pl.DataFrame
    bakom: pl.DataFrame
    personverksamheter: pl.DataFrame

    @classmethod
    def las(cls, connection: duckdb.DuckDBPyConnection) -> Underlag:
        """From the new warehouse."""
        return cls(*(connection.execute(sql).pl() for sql in (_ENKATER, _BAKOM, _PERSONVERKSAMHETER)))
