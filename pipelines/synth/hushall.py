"""Households with ekonomiskt bistånd: who they are, their spells, and one row per household and month with aid.

A household has one to three spells drawn from a mixture of short, medium and long ones, so that the shares of
långvarigt and mycket långvarigt come out of the durations instead of being set. How amounts reach the ledger stands
in `ekonomi`, the application as a case in `utredningar`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synth.personer import Personregister, fodda
from pipelines.synth.ram import Datum, Flyttal, Heltal, Ram, Rng, Sant, dagar, dagkolumn, manadsslut

ANDEL_AV_INVANARE = 0.0131  # households with aid in a month per inhabitant: 1 050 of 80 000
FORLOPP = 96  # months simulated before the window, so that long spells are there from its first day
SPELL_ANDEL = np.array([0.62, 0.26, 0.12])
SPELL_MEDEL = np.array([2.2, 7.0, 38.0])
ATERKOMST = (0.26, 0.35)  # chance of a second and, after that, a third spell
# seasonality of new applications, January to December: after New Year, summer's students, quiet December
SASONG = np.array([1.18, 1.02, 0.98, 0.95, 0.92, 1.22, 1.15, 1.05, 1.00, 0.97, 0.88, 0.68])

TYP = np.array(["3", "4", "5", "6", "7", "8", "9"])
TYP_ANDEL = np.array([0.415, 0.035, 0.275, 0.155, 0.045, 0.070, 0.005])
# stylised monthly norm before rent and income, kr: first adult, second adult, child (not the riksnorm of any year)
NORM = (4_100, 2_900, 2_600)
HINDER = np.array(
    ["arbetslos", "sjukskriven_lakarintyg", "sjuk_aktivitetsersattning", "sociala_skal", "deltid", "etablering",
     "foraldraledig", "utan_forsorjningshinder", "pension", "saknar_barnomsorg", "heltid"]
)  # fmt: skip
HINDER_ANDEL = np.array([0.455, 0.155, 0.045, 0.125, 0.055, 0.045, 0.040, 0.030, 0.030, 0.010, 0.010])


@dataclass(frozen=True, slots=True)
class Hushall:
    """`rader`: one row per household-month; `nya`: one row per household whose first spell begins in the window."""

    rader: pl.DataFrame
    nya: pl.DataFrame
    sokande: Heltal  # person index per household
    sokande_fodd: Datum
    sokande_kvinna: Sant


def hushall(ram: Ram, register: Personregister) -> Hushall:
    """Draws the households. rader: hushall (index), manad (datetime64[M] as Date), vuxna, barn, hushallstyp, belopp
    (öre), forsorjningshinder, sokande, medsokande (person index, null), ansokan, beslut (first month of a spell)."""
    rng = ram.strom("hushall")
    start, langd = _spells(rng, _antal_hushall(ram), ram)
    i_fonstret = ((start + langd > FORLOPP) & (langd > 0)).any(axis=1)
    start, langd = start[i_fonstret], langd[i_fonstret]
    antal = len(start)

    typ = rng.choice(len(TYP), size=antal, p=TYP_ANDEL)
    par = np.isin(TYP[typ], ["7", "8"])
    med_barn = np.isin(TYP[typ], ["4", "6", "8"])
    barn = np.where(med_barn, 1 + rng.binomial(4, 0.22, size=antal), 0)
    vuxna = 1 + par.astype(np.int64)
    kvinna = np.isin(TYP[typ], ["5", "6"]) | ((par | (TYP[typ] == "9")) & (rng.random(antal) < 0.52))
    pa = np.full(antal, ram.forsta_dag)
    # of age on the first day of the window: nobody who starts later is younger than that
    fodd = fodda(rng, 19, np.where(med_barn, 48, 64), pa)
    med_fodd = np.minimum(fodd + dagar(rng.normal(0, 1_300, size=antal)), pa - dagar(19 * 366))
    sokande = register.ny(fodd, kvinna)
    medsokande = np.full(antal, -1)
    medsokande[par] = register.ny(med_fodd[par], ~kvinna[par])
    hinder = rng.choice(len(HINDER), size=antal, p=HINDER_ANDEL)

    rad = _manadsrader(start, langd, ram.manader)
    agare, manad, forsta = rad
    belopp = _belopp(rng, agare, manad, vuxna, barn)
    ansokan, beslut = _ansokan(rng, ram, manad, forsta)
    rader = pl.DataFrame(
        {
            "hushall": agare,
            "manad": dagkolumn(ram.manadslista[manad]),
            "vuxna": vuxna[agare],
            "barn": barn[agare],
            "hushallstyp": pl.Series(TYP)[pl.Series(typ[agare])],
            "belopp": belopp,
            "forsorjningshinder": pl.Series(HINDER)[pl.Series(hinder[agare])],
            "sokande": sokande[agare],
            "medsokande": pl.Series(medsokande[agare]).replace(-1, None),
            "ansokan": dagkolumn(ansokan),
            "beslut": dagkolumn(beslut),
        }
    )
    ny = forsta & (start[agare, 0] - FORLOPP == manad)
    nya = pl.DataFrame({"hushall": agare[ny], "person": sokande[agare[ny]], "inkom": dagkolumn(ansokan[ny])})
    nya = nya.with_columns(avslutad=dagkolumn(beslut[ny]))
    return Hushall(rader, nya, sokande, fodd, kvinna)


def _antal_hushall(ram: Ram) -> int:
    """How many households to draw: a pilot tells how many months in the window one of them gives."""
    pilot = 20_000
    start, langd = _spells(ram.strom("hushall pilot"), pilot, ram)
    manader = np.clip(np.minimum(start + langd, FORLOPP + ram.manader) - np.maximum(start, FORLOPP), 0, None).sum()
    return round(ANDEL_AV_INVANARE * ram.invanare * ram.manader * pilot / float(manader))


def _spells(rng: Rng, antal: int, ram: Ram) -> tuple[Heltal, Heltal]:
    """Start month (0 = FORLOPP months before the window) and length of up to three spells, shape (antal, 3);
    length 0 = no such spell. Spells of one household never touch."""
    alla = np.arange(ram.forsta - FORLOPP, ram.sista + 1, dtype="datetime64[M]")
    vikt = SASONG[alla.astype(np.int64) % 12] * np.linspace(1.06, 0.97, len(alla))
    forsta = rng.choice(len(alla), size=antal, p=vikt / vikt.sum())
    # someone who stays long once stays long again: one class per household
    medel = SPELL_MEDEL[rng.choice(3, size=antal, p=SPELL_ANDEL)]
    langd = rng.geometric(1 / medel[:, None], size=(antal, 3))
    paus = rng.geometric(1 / 6.0, size=(antal, 2))
    andra = rng.random(antal) < ATERKOMST[0]
    langd[:, 1] *= andra
    langd[:, 2] *= andra & (rng.random(antal) < ATERKOMST[1])
    start = np.empty((antal, 3), dtype=np.int64)
    start[:, 0] = forsta
    start[:, 1] = forsta + langd[:, 0] + paus[:, 0]
    start[:, 2] = start[:, 1] + langd[:, 1] + paus[:, 1]
    return start, langd


def _manadsrader(start: Heltal, langd: Heltal, manader: int) -> tuple[Heltal, Heltal, Sant]:
    """Spells -> household index, month index in the window and whether the spell begins there; sorted by month."""
    fran = np.clip(start - FORLOPP, 0, manader)
    antal = np.clip(start + langd - FORLOPP, 0, manader) - fran
    antal = np.where(langd > 0, antal, 0).ravel()
    agare = np.repeat(np.repeat(np.arange(len(start)), 3), antal)
    i_spell = np.arange(int(antal.sum())) - np.repeat(np.cumsum(antal) - antal, antal)
    manad = np.repeat(fran.ravel(), antal) + i_spell
    forsta = manad == np.repeat((start - FORLOPP).ravel(), antal)
    ordning = np.argsort(manad.astype(np.int16), kind="stable")  # radix sort for 16 bits
    return agare[ordning], manad[ordning], forsta[ordning]


def _belopp(rng: Rng, agare: Heltal, manad: Heltal, vuxna: Heltal, barn: Heltal) -> Heltal:
    """Paid per household-month in öre: norm + rent - income, some months only a part, one in eight with öre."""
    antal = len(vuxna)
    norm = NORM[0] + NORM[2] * barn + np.where(vuxna == 2, NORM[1], 0)
    hyra = rng.normal(5_400, 900, size=antal) + 700 * barn + 600 * (vuxna - 1)
    inkomst: Flyttal = rng.beta(1.1, 2.4, size=antal)
    grund = np.maximum((norm + hyra) * (1 - inkomst), 700)
    del_av = np.where(rng.random(len(agare)) < 0.16, rng.uniform(0.15, 0.8, size=len(agare)), 1.0)
    kronor = grund[agare] * (1 + 0.0025 * manad) * del_av * rng.normal(1.0, 0.05, size=len(agare))
    ore = np.round(kronor * 100).astype(np.int64)
    belopp: Heltal = np.maximum(np.where(rng.random(len(agare)) < 0.125, ore, ore // 100 * 100), 15_000)
    return belopp


def _ansokan(rng: Rng, ram: Ram, manad: Heltal, forsta: Sant) -> tuple[Datum, Datum]:
    """Date of application and decision in the first month of a spell, else NaT; some decisions take over 14 days."""
    ansokan = np.full(len(manad), np.datetime64("NaT"), dtype="datetime64[D]")
    beslut = ansokan.copy()
    antal = int(forsta.sum())
    i_manad = ram.manadslista[manad[forsta]].astype("datetime64[D]")
    sokt = i_manad + dagar(rng.integers(-6, 18, size=antal))
    beslutat = sokt + dagar(rng.gamma(2.6, 3.6, size=antal))
    ansokan[forsta] = sokt
    beslut[forsta] = np.minimum(beslutat, np.maximum(manadsslut(i_manad), sokt))
    return ansokan, beslut
