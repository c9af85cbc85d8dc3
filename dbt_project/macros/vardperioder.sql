{#-
    Spells: what overlaps or meets on a day, within one person and one value of one dimension, becomes one spell.
    `relation`: kommun_kod, person_nr, indelning, indelning_varde, start_dag, slut_dag (never null), kon, fodelsear.
    Adds tidigare_slut_dag, the end of the person's spell before.
-#}
{% macro sammanhallna_perioder(relation) -%}
select
    kommun_kod,
    person_nr,
    indelning,
    indelning_varde,
    kon,
    fodelsear,
    start_dag,
    tidigare_slut_dag,
    coalesce(
        lead(tidigare_slut_dag) over (
            partition by person_nr, indelning, indelning_varde order by start_dag
        ),
        sista_slut_dag
    ) as slut_dag
from (
    select
        {{ relation }}.*,
        max(slut_dag) over (
            partition by person_nr, indelning, indelning_varde
            order by start_dag, slut_dag
            rows between unbounded preceding and 1 preceding
        ) as tidigare_slut_dag,
        max(slut_dag) over (
            partition by person_nr, indelning, indelning_varde
        ) as sista_slut_dag
    from {{ relation }}
) as med_tidigare_slut
where coalesce(tidigare_slut_dag < start_dag, true)
{%- endmacro %}

{#-
    Persons, days and open spells per period and cell, from spells. Spells of a person do not overlap, so days and
    open ones add up; the person is counted at the first spell that the period meets. The whole is counted for every
    period, dimensions for the uppdelade ones; a year is its twelfth cumulative period.
-#}
{% macro rakna_vardperioder(vardperioder, perioder, helheter=['totalt']) -%}
select
    perioder.kommun_kod,
    perioder.periodtyp,
    perioder.period_slut,
    spell.kon,
    spell.indelning,
    spell.indelning_varde,
    spell.finband,
    sum(case when spell.tidigare_slut_dag >= perioder.period_start then 0 else 1 end)
        as personer,
    sum(
        {{ days_between(
            'greatest(spell.start_dag, perioder.period_start)',
            'least(spell.slut_dag, perioder.period_slut)',
        ) }} + 1
    ) as vardygn,
    sum(case when spell.slut_dag > perioder.period_slut then 1 else 0 end) as pagaende
from (
    select
        vardperioder.*,
        ar.ar,
        {{ finband('ar.ar - vardperioder.fodelsear') }} as finband
    from {{ vardperioder }} as vardperioder
    inner join (select distinct kommun_kod, ar from {{ perioder }}) as ar
        on
            vardperioder.kommun_kod = ar.kommun_kod
            and extract(year from vardperioder.start_dag) <= ar.ar
            and extract(year from vardperioder.slut_dag) >= ar.ar
) as spell
inner join {{ perioder }} as perioder
    on
        spell.kommun_kod = perioder.kommun_kod
        and spell.ar = perioder.ar
        and spell.start_dag <= perioder.period_slut
        and spell.slut_dag >= perioder.period_start
where
    perioder.periodtyp in ('manad', 'ack')
    and (
        perioder.uppdelad
        or spell.indelning in ('{{ helheter | join("', '") }}')
    )
group by
    perioder.kommun_kod,
    perioder.periodtyp,
    perioder.period_slut,
    spell.kon,
    spell.indelning,
    spell.indelning_varde,
    spell.finband
{%- endmacro %}

{#- A fine table of cumulative periods, with December's once more as the year. -#}
{% macro med_helar(relation, perioder, dimensioner, matt) -%}
select
    kommun_kod,
    periodtyp,
    period_slut,
    kon,
    {%- for kolumn in dimensioner + matt %}
    {{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ relation }}
union all
select
    fin.kommun_kod,
    perioder.periodtyp,
    fin.period_slut,
    fin.kon,
    {%- for kolumn in dimensioner + matt %}
    fin.{{ kolumn }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ relation }} as fin
inner join {{ perioder }} as perioder
    on
        fin.kommun_kod = perioder.kommun_kod
        and fin.period_slut = perioder.period_slut
        and perioder.periodtyp = 'ar'
where fin.periodtyp = 'ack'
{%- endmacro %}

{#-
    Monthly cells (from `snitt`) -> every period within a year. `floden` are summed, `lager` are taken at the
    period's last month, `forsta` are pairs (name, in the month, first time in the year): a unit that lasts over
    months counts once in a period that begins in January.
-#}
{% macro manader_till_perioder(manadssummor, perioder, floden=[], lager=[], forsta=[]) -%}
select
    perioder.kommun_kod,
    perioder.periodtyp,
    perioder.period_slut,
    manadssummor.organisation,
    manadssummor.alder,
    manadssummor.indelning,
    manadssummor.indelning_varde,
    {%- for kolumn in floden %}
    sum(manadssummor.{{ kolumn }}) as {{ kolumn }},
    {%- endfor %}
    {%- for kolumn in lager %}
    sum(
        case
            when manadssummor.period_slut = perioder.period_slut
                then manadssummor.{{ kolumn }}
            else 0
        end
    ) as {{ kolumn }},
    {%- endfor %}
    {%- for kolumn, i_manaden, nya_i_aret in forsta %}
    sum(
        case
            when perioder.periodtyp = 'manad' then manadssummor.{{ i_manaden }}
            else manadssummor.{{ nya_i_aret }}
        end
    ) as {{ kolumn }},
    {%- endfor %}
    manadssummor.kon
from {{ manadssummor }} as manadssummor
inner join {{ perioder }} as perioder
    on
        manadssummor.kommun_kod = perioder.kommun_kod
        and extract(year from manadssummor.period_slut) = perioder.ar
        and manadssummor.period_slut > perioder.period_start
        and manadssummor.period_slut <= perioder.period_slut
group by
    perioder.kommun_kod,
    perioder.periodtyp,
    perioder.period_slut,
    manadssummor.organisation,
    manadssummor.alder,
    manadssummor.indelning,
    manadssummor.indelning_varde,
    manadssummor.kon
{%- endmacro %}
