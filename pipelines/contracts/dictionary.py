"""The data dictionary and the data protection officer's register, generated from the contracts.

`python -m pipelines.contracts.dictionary` writes both; a test refuses stale ones. Prose that belongs to neither a
contract nor a column does not belong here: change the contract instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from pipelines.contracts.begrepp import Contract, Kolumn, Tabell
from pipelines.contracts.lake import lake_type
from pipelines.contracts.model import load_contract, sources

DOCS = Path(__file__).parents[2] / "docs"
DATAKATALOG, REGISTER = "datakatalog.md", "personuppgiftsregister.md"
_MADE = "<!-- Skapad ur kontrakten av `python -m pipelines.contracts.dictionary`. Ändra i pipelines/sources/*/contract.yaml. -->"
_KLASS = {"direkt": "direkt", "indirekt": "indirekt", "kanslig": "känslig", "ingen": "ingen"}
_KLASSORDNING = ("direkt", "kanslig", "indirekt")
_RUBRIK = {
    "direkt": "Direkta personuppgifter",
    "kanslig": "Känsliga uppgifter",
    "indirekt": "Indirekta personuppgifter",
}


def datakatalog(contracts: Iterable[Contract]) -> str:
    """The data dictionary as Markdown: every table and column, its meaning, form, spellings and headers."""
    lines = [
        "# Datakatalog", "", _MADE, "",
        "Vad som får levereras och vad det blir i lagret. En tabell per kontrakt och layout. "
        "Rubriker och koder jämförs utan hänsyn till versaler, mellanslag, understreck och prickarna i å, ä och ö.", "",
    ]  # fmt: skip
    for contract in contracts:
        lines += [f"## {contract.titel} (`{contract.kalla}`)", "", contract.beskrivning, ""]
        lines += [f"Ägare: {contract.agare}. Takt: {contract.takt}. Kontraktets version: {contract.version}.", ""]
        lines += _tokens(contract)
        for tabell in contract.tabeller:
            lines += _tabell(tabell)
    return _text(lines)


def personuppgiftsregister(contracts: Iterable[Contract]) -> str:
    """The register of processing as Markdown: per source purpose, ground, categories and retention."""
    lines = [
        "# Register över behandling av personuppgifter", "", _MADE, "",
        "Underlag till nämndens registerförteckning enligt artikel 30 i dataskyddsförordningen. Personuppgiftsansvarig är "
        "den nämnd som levererar uppgifterna. Grunder och gallringsfrister är systemets förval: de ska prövas och fastställas "
        "av den personuppgiftsansvarige innan behandlingen börjar.", "",
        "**Gemensamt.** Personnummer, samordningsnummer och ärendenummer ersätts vid inläsningen av pseudonymer med hemlig nyckel "
        "(HMAC-SHA256) och lagras aldrig. Namn, adress, telefon och fri text läses aldrig in. Mottagare: ingen utanför nämnden får uppgifter på "
        "radnivå; det som lämnar den begränsade zonen är sammanställningar efter sekretessgranskning. Ingen överföring till "
        "tredje land. Säkerhet: filrättigheter 0600/0700, åtkomstlogg, möjlighet till kryptering; se dataskyddssidan.", "",
    ]  # fmt: skip
    without: list[str] = []
    for contract in contracts:
        personal = [(tabell, one) for tabell in contract.tabeller for one in tabell.kolumner if one.klass != "ingen"]
        if personal:
            lines += _behandling(contract, personal)
        else:
            without.append(contract.titel)
    lines += ["## Källor utan personuppgifter", "", ", ".join(without) + ".", ""]
    return _text(lines)


def skriv(docs: Path = DOCS) -> list[Path]:
    """Write both pages below `docs`; the paths written."""
    contracts = [load_contract(one) for one in sources()]
    pages = {DATAKATALOG: datakatalog(contracts), REGISTER: personuppgiftsregister(contracts)}
    docs.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (docs / name).write_text(text, encoding="utf-8", newline="\n")
    return [docs / name for name in pages]


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _tokens(contract: Contract) -> Iterator[str]:
    maps = {"": contract.tokens, **contract.tokens_per_kalla}
    told = [
        (f"i rader från {name}: " if name else "")
        + ", ".join(f"`{token}` {meaning}" for token, meaning in tokens.items())
        for name, tokens in maps.items()
        if tokens
    ]
    if told:
        yield f"Tecken i stället för tal: {'; '.join(told)}."
        yield ""


def _tabell(tabell: Tabell) -> Iterator[str]:
    yield f"### Tabellen `{tabell.namn}`"
    yield ""
    yield f"{tabell.beskrivning} **Korn:** {tabell.korn} {_ersatter(tabell)}"
    yield ""
    yield "| kolumn | i lagret | form | krävs | betydelse | personuppgift |"
    yield "|---|---|---|---|---|---|"
    for one in tabell.kolumner:
        yield f"| {_cell(one.rubrik)} (`{one.namn}`) | {_lager(one)} | {_form(one)} | {_krav(one)} | {_cell(one.beskrivning)} | {_KLASS[one.klass]} |"
    yield ""
    for one in tabell.kolumner:
        if one.varden:
            yield f"**{one.rubrik}**, koder: " + "; ".join(_kod(one, code) for code in one.varden) + "."
            yield ""
    by_system = sorted(
        (system, one.rubrik, synonym) for one in tabell.kolumner for synonym, system in one.synonym_system.items()
    )
    if by_system:
        yield "Rubriker i andra system:"
        yield ""
        for system, group in groupby(by_system, key=lambda one: one[0]):
            yield (
                f"* {'Vanliga skrivsätt' if system == 'alla' else system}: "
                + "; ".join(f"{synonym} = {rubrik}" for _, rubrik, synonym in group)
                + "."
            )
        yield ""
    for layout in tabell.positioner:
        yield (
            f"Utan rubrikrad, layout `{layout.namn}`: {layout.beskrivning} Fält i ordning: "
            + ", ".join(
                f"{one.namn} ({one.beskrivning.lower()})" if one.las else f"{one.namn} (läses inte)"
                for one in layout.falt
            )
            + "."
        )
        yield ""
    if tabell.bred:
        yield "Breda layouter (mönster på rubriken):"
        yield ""
        for wide in tabell.bred:
            yield f"* `{wide.monster}` → `{wide.varde_kolumn}`" + (
                " (ackumulerat: läses inte, jämförs)" if wide.ackumulerad else ""
            )
        yield ""


def _ersatter(tabell: Tabell) -> str:
    if tabell.ersatter:
        return (
            "En ny leverans ersätter den tidigare för samma " + ", ".join(f"`{one}`" for one in tabell.ersatter) + "."
        )
    return "En ny leverans ersätter hela registret, eller redovisningsåret om filen anger ett."


def _lager(kolumn: Kolumn) -> str:
    if not kolumn.i_lake:
        return "sparas inte"
    return f"`{kolumn.lake_namn}` {str(lake_type(kolumn)).replace('precision=', '').replace('scale=', '')}"


def _form(kolumn: Kolumn) -> str:
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("minst", kolumn.minimum), ("högst", kolumn.maximum))
        if limit is not None
    ]
    return _cell(", ".join([kolumn.typ, *([kolumn.enhet] if kolumn.enhet else []), *limits]))


def _krav(kolumn: Kolumn) -> str:
    return "nyckel" if kolumn.nyckel and kolumn.obligatorisk else "ja" if kolumn.obligatorisk else "nej"


def _kod(kolumn: Kolumn, code: str) -> str:
    others = [one or "tom cell" for one in kolumn.varden[code][1:]]
    return f"`{code}` {kolumn.etiketter[code]}" + (f" (även {', '.join(others)})" if others else "")


def _behandling(contract: Contract, personal: list[tuple[Tabell, Kolumn]]) -> Iterator[str]:
    yield f"## {contract.titel}"
    yield ""
    yield f"Källa `{contract.kalla}`. {contract.beskrivning} Ägare: {contract.agare}. Takt: {contract.takt}."
    yield ""
    for klass in _KLASSORDNING:
        names = dict.fromkeys(one.rubrik for _, one in personal if one.klass == klass)
        if names:
            yield f"* **{_RUBRIK[klass]}:** {', '.join(names)}."
    for rubrik, field in (("Ändamål", "andamal"), ("Rättslig grund", "rattslig_grund"), ("Gallring", "gallring")):
        yield from _stated(rubrik, field, [one for _, one in personal])
    yield ""


def _stated(rubrik: str, field: str, columns: list[Kolumn]) -> Iterator[str]:
    """What the columns state, the commonest first; the others with the columns they hold for."""
    by_text: dict[str, list[str]] = {}
    for one in columns:
        by_text.setdefault(getattr(one, field), []).append(one.rubrik)
    ordered = sorted(by_text.items(), key=lambda item: -len(item[1]))
    yield f"* **{rubrik}:** {ordered[0][0]}"
    for text, names in ordered[1:]:
        yield f"  * {', '.join(dict.fromkeys(names))}: {text}"


if __name__ == "__main__":
    skriv()
