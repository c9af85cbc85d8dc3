"""Writes docs/kontroller.md from the rule files: `python -m pipelines.guard.dokument`. A drift test keeps it true.

Only what a controller asks: which rules are there for a table, how serious, what they say, for which years.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pipelines.contracts.model import load_contract, sources
from pipelines.guard import accepterade, identiteter, rimlighet
from pipelines.guard.rules import Forvantan, load_expectations
from pipelines.reading.radregler import ladda
from pipelines.settings import PROJECT_DIR

MAL = PROJECT_DIR / "docs" / "kontroller.md"
INLEDNING = """# Kontroller

Skapad ur `expectations/` med `python -m pipelines.guard.dokument`; ändra reglerna där, inte här.

En **kritisk** avvikelse stoppar publiceringen (på en rad: raden avvisas). En **varning** publiceras och syns i marten
`datakvalitet` med vad som avviker och hur mycket; den har ett datum då den ska omprövas. **Information** är sådant
som är bra att veta. Se alla rader som en regel har träffat med `tertial fel REGEL`. En avvikelse som är känd och
godtagen skrivs i `expectations/accepterade.yml` med skäl och datum.
"""
Rad = tuple[str, str, str, str, str]


def dokument() -> str:
    """The page as Markdown."""
    tables = [table.namn for source in sources() for table in load_contract(source).tabeller]
    row_rules = {
        name: [(rule.id, rule.niva, rule.text, "", "") for rule in ladda(name)]
        for name in tables
        if (PROJECT_DIR / "expectations" / "rad" / f"{name}.yml").is_file()
    }
    parts = [
        INLEDNING,
        _kapitel(
            "Rader i en leverans",
            "Prövas när filen läses; felande rader avvisas eller flaggas.",
            row_rules,
            "Vad som anmärks",
        ),
        _kapitel("Levererade tabeller", "Prövas på alla gällande rader, före beräkningen.", _gx("raw")),
        _kapitel("Marter", "Prövas på det som ska publiceras.", _gx("marts")),
        _kapitel(
            "Identiteter",
            "Samband mellan siffror. Varje cell som bryter ett samband visas med tryckt värde, beräknat värde och "
            "skillnad; vad avrundningen i tryckta siffror kan förklara räknas inte.",
            _per_tabell((one.tabell.split(".")[-1], one) for one in identiteter.load()),
        ),
        _kapitel(
            "Rimlighet",
            "Jämförelser med kommunens egna tidigare månader och år, och spår av byte av verksamhetssystem.",
            _per_tabell((rule.tabell, rule) for rule in rimlighet.load()),
        ),
        _accepterade(),
    ]
    return "\n".join(parts)


def _gx(layer: str) -> dict[str, list[Rad]]:
    return {table: [_rad(rule) for rule in listed] for table, listed in load_expectations(layer).items()}


def _per_tabell(
    found: Iterable[tuple[str, identiteter.Identitet | rimlighet.Rimlighet]],
) -> dict[str, list[Rad]]:
    tables: dict[str, list[Rad]] = {}
    for table, one in found:
        tables.setdefault(table, []).append(_rad(one))
    return tables


def _rad(one: Forvantan | identiteter.Identitet | rimlighet.Rimlighet) -> Rad:
    years = {} if isinstance(one, identiteter.Identitet) else one.galler_ar
    return one.id, one.niva, one.text, _ar(years), _datum(one.granskas)


def _ar(years: Mapping[str, int]) -> str:
    return f"{years.get('fran', '')}–{years.get('till', '')}" if years else ""


def _datum(granskas: date | None) -> str:
    return granskas.isoformat() if granskas else ""


def _kapitel(rubrik: str, text: str, tables: Mapping[str, Iterable[Rad]], kolumn: str = "Vad som gäller") -> str:
    lines = [f"## {rubrik}", "", text, ""]
    for table, rules in tables.items():
        lines += [f"### {table}", "", f"| Regel | Nivå | {kolumn} | År | Omprövas |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in rule) + " |" for rule in rules]
        lines.append("")
    return "\n".join(lines)


def _accepterade() -> str:
    lines = ["## Godtagna avvikelser", "", "| Regel | Kommun | Var | Skäl | Omprövas |", "|---|---|---|---|---|"]
    for one in accepterade.load():
        place = (one.cell or "alla celler").replace("*", "\\*")
        lines.append(f"| {one.regel_id} | {one.kommun_kod or 'alla'} | {place} | {one.skal} | {one.granskas} |")
    return "\n".join([*lines, ""])


def skriv() -> None:
    """Write the page."""
    MAL.write_text(dokument(), encoding="utf-8")


if __name__ == "__main__":
    skriv()
