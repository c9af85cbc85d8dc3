"""What the committee of the generated municipality has decided: goals, internal control plan, budgeted measures.

Texts are invented in the manner of real verksamhetsplaner. Whether a goal is reached is for the warehouse.
"""

from __future__ import annotations

import polars as pl

from pipelines.synth.ram import Ram, arstal

ALLA_TILLFALLEN = "delar1;delar2;bokslut"
AKTIV = "En aktiv väg till egen försörjning"
TIDIGT = "Tidigt stöd på hemmaplan"
TRYGG = "Rättssäker och trygg socialtjänst"
ARBETSGIVARE = "En attraktiv arbetsgivare"

# (mal_id, målområde, inriktningsmål, effektmål, matt_id, riktning, målvärde, övre, tolerans, jämförelse, tillfällen)
_MAL: tuple[tuple[str, str, str, str, str | None, str, float | None, float | None, float | None, str | None, str], ...] = (
    ("1", "Självständighet", AKTIV, "Antalet hushåll med ekonomiskt bistånd ska ligga på en låg nivå",
     "eb_hushall", "lag_niva", None, None, None, "foregaende_ar+jamforbara", ALLA_TILLFALLEN),
    ("2", "Självständighet", AKTIV, "Den genomsnittliga biståndstiden ska vara högst 5,5 månader",
     "eb_bistandstid", "hogst", 5.5, None, 0.3, None, "delar2;bokslut"),
    ("3", "Självständighet", AKTIV, "Antalet personer med långvarigt bistånd ska minska",
     "eb_langvarigt", "minskning", None, None, None, "foregaende_ar", "bokslut"),
    ("4", "Barn och unga", TIDIGT, "Minst hälften av dem som får hjälp ska få den i öppenvård",
     "opp_andel_oppenvard", "minst", 50.0, None, 2.0, None, ALLA_TILLFALLEN),
    ("5", "Barn och unga", TIDIGT, "Årsplaceringarna ska vara mellan 130 och 160",
     "plac_arsplaceringar", "intervall", 130.0, 160.0, 5.0, None, ALLA_TILLFALLEN),
    ("6", "Barn och unga", TRYGG, "Alla förhandsbedömningar ska vara klara inom 14 dagar",
     "utr_fb_inom_14_dagar", "alla", None, None, 5.0, None, ALLA_TILLFALLEN),
    ("7", "Barn och unga", TRYGG, "Ingen utredning ska vara försenad",
     "utr_forsenade", "ingen", None, None, None, None, ALLA_TILLFALLEN),
    ("8", "Barn och unga", TRYGG, "Andelen som återaktualiseras inom ett år ska minska",
     "utr_ateraktualisering", "minskning", None, None, None, "foregaende_ar", "bokslut"),
    ("9", "Kvalitet", TRYGG, "Brukarnas helhetsbedömning av ekonomiskt bistånd ska ligga på en hög nivå",
     "bu_helhetssyn_ekonomiskt_bistand", "hog_niva", None, None, None, "foregaende_ar/jamforbara", "bokslut"),
    ("10", "Medarbetare", ARBETSGIVARE, "Medarbetarengagemanget (HME) ska öka",
     "hme_total", "okning", None, None, None, "foregaende_ar", "bokslut"),
    ("11", "Medarbetare", ARBETSGIVARE, "Sjukfrånvaron ska vara högst 6,5 procent",
     "pers_sjukfranvaro", "hogst", 6.5, None, 0.5, None, ALLA_TILLFALLEN),
    ("12", "Medarbetare", ARBETSGIVARE, "Ledarskapsindex i HME ska bevaras",
     "hme_ledarskap", "bevara", None, None, 2.0, "foregaende_ar", "bokslut"),
    ("13", "Självständighet", AKTIV, "Andelen invånare med ekonomiskt bistånd ska ligga på en låg nivå",
     "eb_andel_av_befolkningen", "lag_niva", None, None, None, "jamforbara", "bokslut"),
)  # fmt: skip

_INTERNKONTROLL: tuple[tuple[str, str, int, int, str, str, str, str, str, str | None], ...] = (
    ("Verksamhetsprocesser", "Förhandsbedömningar barn och unga", 3, 4, "Förhandsbedömningar görs inte inom 14 dagar",
     "Samtliga förhandsbedömningar: tidsfrist och förlängning", "Enhetschef", "Tertial", "Samtliga ärenden",
     "forhandsbedomning_14_dagar"),
    ("Verksamhetsprocesser", "Utredningstider barn och unga", 3, 3, "Utredningar avslutas inte inom fyra månader",
     "Samtliga utredningar: tidsfrist och förlängning", "Enhetschef", "Tertial", "Samtliga ärenden",
     "utredning_4_manader"),
    ("Verksamhetsprocesser", "Jourhem", 2, 4, "Jourhemmet är inte godkänt av nämnden",
     "Godkännande finns i pågående ärenden", "Familjehemsenheten", "Halvår", "Samtliga ärenden", None),
    ("Ekonomi", "Utbetalning av ekonomiskt bistånd", 2, 3, "Utbetalning till fel mottagare",
     "Mottagare mot folkbokföring", "Controller", "Kvartal", "Stickprov 30", None),
    ("Ekonomi", "Fakturor för köpt vård", 3, 2, "Faktura betalas utan beslut", "Faktura mot beslut och dygn",
     "Controller", "Kvartal", "Stickprov 40", None),
    ("Medarbetare", "Introduktion", 3, 3, "Nya handläggare får inte introduktion", "Introduktionsplan finns",
     "HR-partner", "År", "Samtliga nyanställda", None),
    ("Styrning", "Delegationsordning", 1, 4, "Beslut fattas utan delegation", "Beslutsfattare mot delegationsordningen",
     "Nämndsekreterare", "Halvår", "Stickprov 50", None),
)  # fmt: skip


def mal(ram: Ram, ar: int) -> pl.DataFrame:
    """The goal register of one year, contract columns of `mal`; the committee judged some of last year's goals."""
    klart = ar < arstal(ram.sista)
    rader = []
    for nr, omrade, inriktning, effekt, matt_id, riktning, varde, ovre, tolerans, jamforelse, tillfallen in _MAL:
        bedomd = klart and int(nr) % 3 == 1
        rader.append(
            {
                "ar": ar, "mal_id": f"{ar}-{int(nr):02}", "malomrade": omrade, "inriktningsmal": inriktning,
                "effektmal": effekt, "matt_id": matt_id, "riktning": riktning, "malvarde": varde,
                "malvarde_ovre": ovre, "tolerans": tolerans, "jamforelse": jamforelse, "tillfallen": tillfallen,
                "matmetod": "Uppgifter ur verksamhetssystem och enkäter", "kalla": "Verksamhetsplan",
                "ansvarig": "Avdelningschef", "tillfalle": "bokslut" if bedomd else None,
                "namndens_bedomning": "delvis_uppfyllt" if bedomd else None,
                "motivering": "Nämnden ser en utveckling i rätt riktning men är inte nöjd." if bedomd else None,
            }
        )  # fmt: skip
    return pl.DataFrame(rader, infer_schema_length=None)


def internkontroll(ram: Ram, ar: int) -> pl.DataFrame:
    """The control plan of one year with results of the sampled controls, contract columns of `internkontroll`."""
    rng = ram.strom(f"internkontroll {ar}")
    klart = ar < arstal(ram.sista)
    rader = []
    for (
        kategori,
        process,
        sannolikhet,
        konsekvens,
        risk,
        moment,
        ansvar,
        frekvens,
        metod,
        kontroll_id,
    ) in _INTERNKONTROLL:
        egen = kontroll_id is None and klart
        provade = int(rng.integers(20, 51)) if egen else None
        avvikelser = int(rng.binomial(provade, 0.06)) if provade else None
        rader.append(
            {
                "ar": ar, "kategori": kategori, "process": process, "sannolikhet": sannolikhet,
                "konsekvens": konsekvens, "riskindex": sannolikhet * konsekvens, "risk": risk,
                "kontrollmoment": moment, "kontrollansvar": ansvar, "frekvens": frekvens, "metod": metod,
                "rapportering": "Socialnämnden", "kontroll_id": kontroll_id, "provade": provade,
                "avvikelser": avvikelser, "utfall": None if avvikelser is None else ("Inga avvikelser" if avvikelser == 0 else "Avvikelser"),
                "atgard": "Rutinen gås igenom på arbetsplatsträff" if avvikelser else None, "kalla": "Internkontrollplan",
            }
        )  # fmt: skip
    return pl.DataFrame(rader, infer_schema_length=None)


def matt(ram: Ram, hushallsmanader: pl.DataFrame, ar: int) -> pl.DataFrame:
    """Budgeted and planned measures of one year, and two that exist only as figures; contract columns of `matt`."""
    fore = hushallsmanader.filter(pl.col("manad").dt.year() == ar - 1)
    underlag = fore if fore["manad"].n_unique() == 12 else hushallsmanader
    manader = underlag["manad"].n_unique()
    per_manad = round(underlag.height / manader)
    hushall = round(per_manad * 2.4)
    bas: tuple[tuple[str, str, str | None, str, str, float], ...] = (
        ("Ekonomiskt bistånd", "Antal hushåll under året", "eb_hushall", "antal", "ar", hushall),
        ("Ekonomiskt bistånd", "Hushåll per månad i genomsnitt", "eb_hushall_per_manad", "antal", "ar", per_manad),
        ("Ekonomiskt bistånd", "Biståndsmånader", "eb_bistandsmanader", "manader", "ar", per_manad * 12),
        ("Placeringar", "Årsplaceringar", "plac_arsplaceringar", "arsplatser", "ar", round(148 * ram.skala, 1)),
        ("Placeringar", "Vårddygn", "plac_vardygn", "dygn", "ar", round(148 * ram.skala * 365)),
    )
    rng = ram.strom(f"matt {ar}")
    rader = [
        _matt(ar, omrade, namn, matt_id, enhet, version, round(varde * faktor, 1 if enhet == "arsplatser" else 0))
        for omrade, namn, matt_id, enhet, _, varde in bas
        for version, faktor in (("budget", 0.98), ("plan", 0.96), *((("prognos", 1.01),) if ar > ram.ar[0] else ()))
    ]
    if ar < arstal(ram.sista):
        rader += [
            _matt(ar, "Boende", "Verkställda vräkningar", None, "antal", "utfall", float(rng.poisson(9 * ram.skala))),
            _matt(
                ar,
                "Rättssäkerhet",
                "Överklagade beslut som ändrats",
                None,
                "antal",
                "utfall",
                float(rng.poisson(7 * ram.skala)),
            ),
        ]
    return pl.DataFrame(rader, infer_schema_length=None)


def _matt(
    ar: int, omrade: str, namn: str, matt_id: str | None, enhet: str, version: str, varde: float
) -> dict[str, str | int | float | None]:
    return {
        "tabell": f"Verksamhetsmått {ar}", "omrade": omrade, "matt_id": matt_id, "matt": namn, "enhet": enhet,
        "kon": "T", "ar": ar, "periodtyp": "ar", "version": version, "varde": varde, "status": "ok",
        "kalla": "Verksamhetsplan" if version != "utfall" else "Manuell statistik",
    }  # fmt: skip
