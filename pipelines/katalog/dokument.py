"""docs/nyckeltal.md, made from the catalogue: what every figure is, in the controller's words. A drift test keeps it true.

What a figure means is changed in dbt_project/katalog/*.yml, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from pipelines.katalog.nyckeltal import Nyckeltal, katalog
from pipelines.settings import PROJECT_DIR

MAL = PROJECT_DIR / "docs" / "nyckeltal.md"
KOLADA = "https://www.kolada.se/verktyg/fri-sokning/?kpis="

OMRADEN = {
    "barn_unga": "Barn och unga", "ekonomi": "Ekonomi", "ekonomiskt_bistand": "Ekonomiskt bistånd",
    "enkater": "Enkäter", "oppenvard": "Öppenvård", "personal": "Personal", "placeringar": "Placeringar",
    "utredningar": "Utredningar", "vrakningar": "Vräkningar",
}  # fmt: skip
RIKTNING = {"hog_bra": "Högt är bra.", "lag_bra": "Lågt är bra.", "ingen": "Varken högt eller lågt är bra i sig."}
PERIOD = {
    "manad": "månad", "kalenderar": "kalenderår", "forsta_halvaret": "första halvåret", "tidpunkt": "läget en viss dag",
    "r12": "rullande tolv månader",
}  # fmt: skip
PERIODTYP = {
    "manad": "månad", "ack": "januari till och med månaden", "ar": "helår", "halvar": "första halvåret",
    "r12": "rullande tolv månader", "tidpunkt": "mätdag",
}  # fmt: skip
ENHET = {
    "antal": "antal", "procent": "procent", "kr": "kronor", "mnkr": "miljoner kronor", "dagar": "dagar", "dygn": "dygn",
    "manader": "månader", "index": "index 0-100", "arsplatser": "årsplatser", "arsarbetare": "årsarbetare",
    "per_1000_invanare": "per 1 000 invånare", "per_100000_invanare": "per 100 000 invånare",
}  # fmt: skip
INLEDNING = """# Nyckeltal

<!-- Skapad ur dbt_project/katalog/*.yml med `tertial dokument`. Ändra i katalogen, inte här. -->

Varje nyckeltal definieras en gång, i katalogen. Kvoter divideras sist, ur summerade täljare och nämnare; medianer och
medelvärden bär antalet bakom sig. Samma uppgifter om ett publicerat tal, med filer och radantal: `tertial explain ID`.
”Eget val” är sådant som ingen nationell regel bestämmer. Ett brott betyder att år före och efter inte är en serie.
"""


def kolada_lank(kolada_id: str) -> str:
    """The page of a KPI on Kolada's own site."""
    return f"{KOLADA}{kolada_id}"


def dokument(entries: Iterable[Nyckeltal]) -> str:
    """The page as Markdown: contents, then one section per area and figure."""
    listed = sorted(entries, key=lambda one: (OMRADEN[one.omrade], one.id))
    areas = [(area, list(group)) for area, group in groupby(listed, lambda one: one.omrade)]
    lines = [
        INLEDNING,
        f"{len(listed)} nyckeltal, varav {sum(bool(one.kolada_id) for one in listed)} finns i Kolada.",
        "",
    ]
    lines += ["| Område | Nyckeltal | Vad | Enhet | Kolada |", "|---|---|---|---|---|"]
    for area, group in areas:
        lines += [
            f"| {OMRADEN[area]} | [`{one.id}`](#{one.id}) | {one.titel} | {ENHET[one.enhet]} | {one.kolada_id or ''} |"
            for one in group
        ]
    for area, group in areas:
        lines += ["", f"## {OMRADEN[area]}"]
        for one in group:
            lines += _avsnitt(one)
    return "\n".join(lines) + "\n"


def _avsnitt(one: Nyckeltal) -> Iterator[str]:
    yield from ("", f'### <a id="{one.id}"></a>{one.titel}', "", f"`{one.id}`, metodversion {one.metodversion}", "")
    yield f"* **Formel:** {one.formel}"
    yield f"* **Täljare:** {one.taljare}"
    if one.namnare:
        yield f"* **Nämnare:** {one.namnare}"
    per_unit = "per enhet och för hela kommunen" if one.korn == "organisation" else "för hela kommunen"
    yield f"* **Enhet:** {ENHET[one.enhet]}, {one.decimaler} decimal{'er' if one.decimaler != 1 else ''}. {RIKTNING[one.riktning]}"
    yield f"* **Redovisas:** {per_unit}, {'efter kön' if one.kon else 'inte efter kön'}"
    day = f", den {int(one.matdag[3:])}/{int(one.matdag[:2])}" if one.matdag else ""
    yield f"* **Period:** {PERIOD[one.periodregel]}{day}; finns som {', '.join(PERIODTYP[p] for p in one.periodtyper)}"
    if one.delas_med:
        yield f"* **Delas med:** {one.delas_med}"
    if one.kolada_id:
        yield f"* **Kolada:** [{one.kolada_id}]({kolada_lank(one.kolada_id)}){_cell(one)}"
    if one.kolada_avvikelse:
        yield f"* **Skiljer sig från Kolada:** {one.kolada_avvikelse}"
    for broken in one.brott:
        yield f"* **Brott {broken['ar']}:** {broken['orsak']}"
    if one.forbehall:
        yield f"* **Förbehåll:** {one.forbehall}"
    for choice in one.val:
        yield f"* **Eget val:** {choice}"
    if one.lagrum:
        yield f"* **Lag:** {one.lagrum}"
    yield f"* **Källa:** {one.kalla}"
    yield f"* **Ägare:** {one.agare}"
    yield f"* **Räknas i:** {f'modellen `{one.modell}`' if one.modell else 'ingen modell; levereras eller hämtas färdigt'}"


def _cell(one: Nyckeltal) -> str:
    """Which of our rows is Kolada's, when it is not simply the whole year's total."""
    parts = [PERIODTYP[one.kolada_periodtyp]] if one.kolada_periodtyp and one.kolada_periodtyp != "ar" else []
    parts += [f"ålder {one.kolada_alder}"] if one.kolada_alder != "totalt" else []
    parts += [one.kolada_indelning_varde] if one.kolada_indelning_varde != "totalt" else []
    return f" (jämförs med vår rad för {', '.join(parts)})" if parts else ""


def sidan() -> str:
    """The page of the catalogue as it stands."""
    return dokument(katalog())
