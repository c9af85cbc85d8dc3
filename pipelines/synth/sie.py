"""The year's ledger as a SIE 4 file (type 4, CP437): accounts, dimensions, vouchers that balance, #RES, #PBUDGET.

Dimension 1 is ansvar, 20 verksamhet, 21 motpart. The reader's rules do not belong here.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.synth.organisation import ANSVAR, BANK, KONTO, VERKSAMHET
from pipelines.synth.ram import Ram


def skriv_sie(path: Path, ram: Ram, ar: int, utfall: pl.DataFrame, periodbudget: pl.DataFrame | None) -> None:
    """`utfall` and `periodbudget`: manad, konto, ansvar, verksamhet, motpart, belopp (öre) of the year `ar`; one
    voucher per month and ansvar, balanced on the bank account."""
    slut = min(ram.slut.replace(day=28), ram.slut.replace(year=ar, month=12, day=28))
    rader = [
        "#FLAGGA 0",
        '#PROGRAM "Tertial generate" 1',
        "#FORMAT PC8",
        f"#GEN {slut:%Y%m}28",
        "#SIETYP 4",
        f'#FNAMN "{ram.kommun} kommun"',
        f"#RAR 0 {ar}0101 {ar}1231",
        "#VALUTA SEK",
        '#DIM 1 "Kostnadsställe"',
        '#DIM 20 "Verksamhet"',
        '#DIM 21 "Motpart"',
        f'#KONTO {BANK} "Bank"',
    ]
    rader += [f'#KONTO {konto} "{namn}"' for konto, namn in KONTO.items()]
    rader += [f'#OBJEKT 1 {kod} "{namn}"' for kod, namn in ANSVAR.items()]
    rader += [f'#OBJEKT 20 {kod} "{namn}"' for kod, namn in VERKSAMHET.items()]
    motparter = utfall["motpart"].drop_nulls().unique().sort()
    rader += [f'#OBJEKT 21 {kod} "Internt {kod}"' for kod in motparter]
    resultat = utfall.group_by("konto").agg(pl.col("belopp").sum()).sort("konto")
    rader += [f"#RES 0 {konto} {_kr(belopp)}" for konto, belopp in resultat.iter_rows()]
    rader.append(f"#IB 0 {BANK} 0.00")
    rader.append(f"#UB 0 {BANK} {_kr(-int(utfall['belopp'].sum()))}")
    if periodbudget is not None:
        for rad in periodbudget.iter_rows(named=True):
            rader.append(f"#PBUDGET 0 {rad['manad']:%Y%m} {rad['konto']} {_objekt(rad)} {_kr(rad['belopp'])}")
    verifikationer = utfall.sort("manad", "ansvar", "konto", "verksamhet", "motpart", nulls_last=True)
    for nummer, ((manad, ansvar), del_) in enumerate(
        verifikationer.group_by("manad", "ansvar", maintain_order=True), start=1
    ):
        rader.append(f'#VER A {nummer} {manad:%Y%m}28 "Ansvar {ansvar}"')
        rader.append("{")
        rader += [f"#TRANS {rad['konto']} {_objekt(rad)} {_kr(rad['belopp'])}" for rad in del_.iter_rows(named=True)]
        rader.append(f"#TRANS {BANK} {{}} {_kr(-int(del_['belopp'].sum()))}")
        rader.append("}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\r\n".join(rader) + "\r\n").encode("cp437"))


def _objekt(rad: dict[str, str]) -> str:
    motpart = f" 21 {rad['motpart']}" if rad["motpart"] is not None else ""
    return f"{{1 {rad['ansvar']} 20 {rad['verksamhet']}{motpart}}}"


def _kr(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02}"
