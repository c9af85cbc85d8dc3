-- Counts divided by the inhabitants of 31 December of the year, as the seed invanarpar pairs them.
with par as (
    select * from {{ ref('invanarpar') }}
),

befolkning as (
    select * from {{ ref('stg_befolkning__befolkning') }}
),

taljare as (
    {%- for modell in [
        'nyckeltal_eb_hushall', 'nyckeltal_eb_personer', 'nyckeltal_eb_langvarigt',
        'nyckeltal_placeringar', 'nyckeltal_oppenvard',
    ] %}
    select
        {{ nyckeltal_kolumner() | indent(8) }}
    from {{ ref(modell) }}
    where
        organisation = 'Totalt'
        and indelning = 'totalt'
        and periodtyp in ('ar', 'tidpunkt')
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

invanare as (
    select
        befolkning.kommun_kod,
        befolkning.ar,
        kon_grupper.kon_redovisad as kon,
        par.nyckeltal_id,
        sum(befolkning.antal) as antal
    from befolkning
    inner join {{ ref('kon_grupper') }} as kon_grupper
        on befolkning.kon = kon_grupper.kon
    inner join par
        on befolkning.alder between par.alder_fran and par.alder_till
    group by
        befolkning.kommun_kod,
        befolkning.ar,
        kon_grupper.kon_redovisad,
        par.nyckeltal_id
),

rutor as (
    select
        taljare.kommun_kod,
        par.nyckeltal_id as per_invanare_id,
        taljare.organisation,
        taljare.kon,
        taljare.alder,
        taljare.indelning,
        taljare.indelning_varde,
        taljare.period_start,
        taljare.period_slut,
        taljare.periodtyp,
        taljare.taljare,
        invanare.antal as invanare,
        taljare.n,
        taljare.status,
        taljare.leverans_id
    from taljare
    inner join par
        on
            taljare.nyckeltal_id = par.taljare_id
            and taljare.alder = par.taljare_alder
    inner join invanare
        on
            taljare.kommun_kod = invanare.kommun_kod
            and extract(year from taljare.period_slut) = invanare.ar
            and taljare.kon = invanare.kon
            and par.nyckeltal_id = invanare.nyckeltal_id
)

{{ nyckeltal_rader('rutor', [
    {
        'id': 'eb_andel_av_befolkningen', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_andel_av_befolkningen'",
    },
    {
        'id': 'eb_vuxna_andel_av_befolkningen', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_vuxna_andel_av_befolkningen'",
    },
    {
        'id': 'eb_unga_18_24_andel', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_unga_18_24_andel'",
    },
    {
        'id': 'eb_65_andel', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_65_andel'",
    },
    {
        'id': 'eb_barn_andel', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_barn_andel'",
    },
    {
        'id': 'eb_barn_langvarigt_andel', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_barn_langvarigt_andel'",
    },
    {
        'id': 'eb_langvarigt_andel_av_befolkningen', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'eb_langvarigt_andel_av_befolkningen'",
    },
    {
        'id': 'eb_kr_per_invanare', 'taljare': 'taljare', 'namnare': 'invanare',
        'n': 'n',
        'om': "per_invanare_id = 'eb_kr_per_invanare'",
    },
    {
        'id': 'plac_hvb_per_1000', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 1000, 'n': 'n',
        'om': "per_invanare_id = 'plac_hvb_per_1000'",
    },
    {
        'id': 'plac_familjehem_per_1000', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 1000, 'n': 'n',
        'om': "per_invanare_id = 'plac_familjehem_per_1000'",
    },
    {
        'id': 'plac_hvb_familjehem_per_1000', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 1000, 'n': 'n',
        'om': "per_invanare_id = 'plac_hvb_familjehem_per_1000'",
    },
    {
        'id': 'opp_andel_av_befolkningen_0_20', 'taljare': 'taljare', 'namnare': 'invanare',
        'faktor': 100, 'n': 'n',
        'om': "per_invanare_id = 'opp_andel_av_befolkningen_0_20'",
    },
]) }}
