"""`tertial explain`: the catalogue as a list, or one figure from the report down to its files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from pipelines import settings
from pipelines.cli.skarm import ut
from pipelines.errors import TertialError
from pipelines.forklaring.forklara import Forklaring, Fraga, forklara
from pipelines.forklaring.ursprung import Kalla
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.katalog.nyckeltal import Nyckeltal, katalog
from pipelines.rapport.tal import tal
from pipelines.sekretess.atkomst import spar

RIKTNING = {"hog_bra": "högt är bra", "lag_bra": "lågt är bra", "ingen": "varken högt eller lågt är bra i sig"}
URSPRUNG = {
    "egen_berakning": "beräknat", "nationell_statistik": "nationell statistik", "manuell": "levererat",
    "kolada": "Kolada", "syntetisk": "påhittat",
}  # fmt: skip
STATUS = {"ok": "ok", "preliminar": "preliminär", "saknas": "saknas", "undertryckt": "undertryckt"}
SMATAL = range(1, 7)
VISADE_KONTROLLER = 8
NIVAER = ("kritisk", "varning", "information")


def lista() -> None:
    """Every nyckeltal of the catalogue."""
    table = Table(header_style="bold")
    for header in ("Nyckeltal", "Vad", "Enhet", "Kolada"):
        table.add_column(header)
    for one in katalog():
        table.add_row(one.id, one.titel, one.enhet, one.kolada_id or "")
    ut.print(table)
    ut.print(f"{len(katalog())} nyckeltal. Ett i taget: tertial explain NYCKELTAL", markup=False)


def explain(
    raw: Path | None, nyckeltal: str, kommun: str | None, organisation: str, kon: str, period: str | None
) -> None:
    """One figure; the look-up is logged."""
    settings.telemetri_av()
    yta, konfig = settings.arbetsyta(raw), settings.konfig()
    fraga = Fraga(nyckeltal, _kod(kommun, konfig), organisation, _kon(kon), period)
    told = forklara(yta, fraga, konfig.kommun_kod)
    spar(yta, "explain", nyckeltal=told.nyckeltal.id, kommun=told.kommun_kod, organisation=organisation, period=period)
    _definition(told.nyckeltal)
    _figurer(told)
    _kallor(told)
    _kontroller(told)
    _forandring(told)


def _kod(kommun: str | None, konfig: settings.Konfig) -> str | None:
    if kommun is None:
        return None
    code = uppslag(kommuner(konfig.egna_kommuner)).get(kommun.strip().lower())
    if code is None and kommun.strip() != "0000":
        raise TertialError(f"Kommunen {kommun} är okänd.", "Ange kod (0184) eller namn (Solna).")
    return code or "0000"


def _kon(text: str) -> str:
    letter = text.strip().upper()[:1]
    if letter not in ("T", "K", "M"):
        raise TertialError(f"Kön {text} finns inte.", "Välj T (totalt), K eller M.")
    return letter


def _definition(one: Nyckeltal) -> None:
    ut.print(f"[bold]{escape(one.titel)}[/]  ({one.id}, metodversion {one.metodversion})")
    rows = [
        ("Formel", one.formel),
        ("Täljare", one.taljare),
        ("Nämnare", one.namnare),
        ("Enhet", f"{one.enhet}; {RIKTNING[one.riktning]}"),
        ("Kolada", one.kolada_id and one.kolada_id + (f" ({one.kolada_avvikelse})" if one.kolada_avvikelse else "")),
        ("Källa", one.kalla),
        ("Lag", one.lagrum),
        ("Förbehåll", one.forbehall),
        ("Modell", one.modell or "ingen: talet levereras eller hämtas färdigt"),
    ]
    for name, text in rows:
        if text:
            ut.print(f"  {name + ':':<11}{text}", markup=False)
    for choice in one.val:
        ut.print(f"  Eget val:  {choice}", markup=False)
    for broken in one.brott:
        ut.print(f"  Brott:     {broken['ar']}: {broken['orsak']}", markup=False)


def _figurer(told: Forklaring) -> None:
    rows = told.figurer
    ut.print(f"[bold]Publicerat[/]: {escape(told.kommun)}, {escape(rows['organisation'][0])}, kön {rows['kon'][0]}")
    table = Table(header_style="bold")
    for header in ("Period", "Del", "Värde", "Täljare", "Nämnare", "n", "Status", "Ursprung"):
        table.add_column(
            header, justify="right" if header in ("Värde", "Täljare", "Nämnare", "n") else "left", overflow="fold"
        )
    for row in rows.iter_rows(named=True):
        part = ", ".join(row[name] for name in ("alder", "indelning_varde") if row[name] != "totalt")
        numbers = ["--" if row["visas"] == "--" else _tal(row[name]) for name in ("taljare", "namnare", "n")]
        table.add_row(
            _period(row["periodtyp"], row["period_start"], row["period_slut"]), part, row["visas"], *numbers,
            STATUS.get(row["status"], row["status"]), URSPRUNG.get(row["ursprung"], row["ursprung"]),
        )  # fmt: skip
    ut.print(table)


def _period(periodtyp: str, start: date, slut: date) -> str:
    named = {
        "ar": f"helår {slut:%Y}", "halvar": f"{slut:%Y} första halvåret", "manad": f"{slut:%Y-%m}",
        "ack": f"{start:%Y-%m} – {slut:%m}", "r12": f"tolv månader till {slut:%Y-%m}", "tidpunkt": f"{slut}",
    }  # fmt: skip
    return named.get(periodtyp, f"{start} – {slut}")


def _tal(value: float | None) -> str:
    if value is None:
        return ""
    return tal(value, 0 if float(value).is_integer() else 2)


def _kallor(told: Forklaring) -> None:
    first, last = str(told.figurer["period_start"].min()), str(told.figurer["period_slut"].max())
    ut.print(f"[bold]Leveranser bakom talen[/] (perioden {first} – {last})")
    for tabell, listed in groupby(told.kallor, lambda one: one.tabell):
        files = sorted(listed, key=lambda one: one.fil)
        total = sum(one.rader for one in files)
        words = f"; i perioden = {files[0].villkor}" if files[0].villkor else ""
        ut.print(
            f"  {tabell}: {total} rader i {len(files)} leverans{'er' if len(files) > 1 else ''}{words}", markup=False
        )
        for one in files:
            inside = "" if one.i_perioden is None else f", {_antal(one)} i perioden"
            ut.print(f"    {one.rader:>7} rader{inside}  {one.fil}  (läst {one.mottagen})", markup=False)
    if not told.kallor:
        ut.print("  Inga rader i lagret ligger bakom talen.", markup=False)
        return
    ut.print(
        "  Räknat: rader ur leveransen som inte ersatts av en senare. Ett ärende i två gällande leveranser räknas i båda;"
        " modellen använder den senaste.",
        markup=False,
    )


def _antal(one: Kalla) -> str:
    return "--" if one.personlig and one.i_perioden in SMATAL else str(one.i_perioden)


def _kontroller(told: Forklaring) -> None:
    checks = told.kontroller
    if not checks.height:
        ut.print("[bold]Kontroller[/]: inga i den publicerade utgåvan.")
        return
    counted = dict(checks["utfall"].value_counts().iter_rows())
    ut.print(
        f"[bold]Kontroller[/] av tabellerna, modellerna och leveranserna ovan: {counted.get('godkand', 0)} godkända, "
        f"{counted.get('avviker', 0)} avviker, {counted.get('ej_provad', 0)} ej prövade"
    )
    groups: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in checks.filter(checks["utfall"] == "avviker").iter_rows(named=True):
        groups[NIVAER.index(row["niva"]), row["regel_id"]].append(row)
    for (_, regel), rows in sorted(groups.items())[:VISADE_KONTROLLER]:
        first = rows[0]
        accepted = f" (accepterad: {first['accepterad']})" if first["accepterad"] else ""
        more = f" (och {len(rows) - 1} till)" if len(rows) > 1 else ""
        ut.print(f"  {first['niva']} {regel} {first['forklaring']}{accepted}{more}", markup=False)
    if len(groups) > VISADE_KONTROLLER:
        ut.print(
            f"  … och {len(groups) - VISADE_KONTROLLER} regler till; alla står i marten datakvalitet.", markup=False
        )


def _forandring(told: Forklaring) -> None:
    if told.jamfort_med is None:
        ut.print("[bold]Förändring[/]: ingen tidigare publikation eller utgåva att jämföra med.")
        return
    changed = [one for one in told.forandringar if one.forr != one.nu]
    ut.print(f"[bold]Förändring[/] sedan {escape(told.jamfort_med)}: {'inget ändrat' if not changed else ''}")
    for one in changed:
        ut.print(f"  {_period(one.periodtyp, one.period_start, one.period_slut)}: {one.forr} → {one.nu}", markup=False)
