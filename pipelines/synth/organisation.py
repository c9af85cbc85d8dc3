"""The organisation and the code plan of the generated municipality: units, accounts, verksamhet, providers.

Codes follow the classes of Kommun-Bas and the number series of the RS for individ- och familjeomsorg; names are
invented. What is booked on them stands in `ekonomi`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Enhet:
    """One responsible unit; `arsarbetare` and `manadslon` (kr) are for 80 000 inhabitants."""

    ansvar: str
    namn: str
    verksamhet: str
    arsarbetare: int
    manadslon: int
    sjuk: float  # share of scheduled hours


LEDNING = Enhet("4100", "Ledning och stab", "5980", 14, 46_500, 0.035)
EKONOMI = Enhet("4200", "Enheten för ekonomiskt bistånd", "5750", 34, 38_200, 0.072)
MOTTAGNING = Enhet("4300", "Mottagningsenheten", "5690", 18, 40_100, 0.068)
BARN = Enhet("4310", "Barnenheten", "5690", 26, 40_800, 0.081)
UNGDOM = Enhet("4320", "Ungdomsenheten", "5690", 18, 40_300, 0.074)
FAMILJEHEM = Enhet("4330", "Familjehemsenheten", "5571", 12, 41_200, 0.055)
OPPENVARD = Enhet("4340", "Öppenvården barn och familj", "5680", 16, 39_600, 0.060)
VUXEN = Enhet("4400", "Vuxenenheten", "5590", 20, 40_000, 0.069)
FAMILJERATT = Enhet("4350", "Familjerätten", "5850", 7, 41_500, 0.040)
HVB = Enhet("4500", "HVB Ekbacken", "5541", 18, 34_900, 0.095)
STODBOENDE = Enhet("4510", "Stödboendet Kajutan", "5543", 8, 33_800, 0.083)
ENHETER = (
    LEDNING, EKONOMI, MOTTAGNING, BARN, UNGDOM, FAMILJEHEM, OPPENVARD, VUXEN, FAMILJERATT, HVB, STODBOENDE,
)  # fmt: skip
ANSVAR = {enhet.ansvar: enhet.namn for enhet in ENHETER}

VERKSAMHET = {
    "5511": "HVB vuxna med missbruk",
    "5512": "LVM-vård",
    "5521": "Familjehemsvård vuxna",
    "5541": "HVB barn och unga",
    "5542": "SiS-vård barn och unga",
    "5543": "Stödboende",
    "5571": "Familjehem barn och unga",
    "5572": "Jourhem",
    "5573": "Nätverkshem",
    "5574": "Konsulentstödda familjehem",
    "5581": "Skyddat boende",
    "5590": "Utredning och öppna insatser vuxna",
    "5680": "Öppna insatser barn och unga",
    "5690": "Utredning barn och unga",
    "5750": "Ekonomiskt bistånd",
    "5850": "Familjerätt",
    "5980": "Gemensam administration",
}

KONTO = {
    "3120": "Återbetalt försörjningsstöd",
    "3512": "Statsbidrag ensamkommande",
    "3691": "Interna intäkter placeringar",
    "4511": "Försörjningsstöd",
    "4515": "Försörjningsstöd övrigt bistånd",
    "4641": "Köp av HVB-vård",
    "4642": "Köp av konsulentstödd familjehemsvård",
    "4643": "Köp av SiS-vård",
    "4644": "Köp av stödboende",
    "4645": "Köp av skyddat boende",
    "4650": "Köp av öppenvård",
    "4691": "Interna köp av placeringar",
    "5011": "Löner månadsavlönade",
    "5034": "Arvoden familjehem",
    "5080": "Sjuklön",
    "5521": "Omkostnadsersättning familjehem",
    "5611": "Arbetsgivaravgifter",
    "6015": "Lokalhyra intern",
    "6410": "Kontorsmateriel",
    "6850": "Datakommunikation och licenser",
    "7410": "Konsulttjänster",
    "7910": "Avskrivningar",
}
BANK = "1930"


@dataclass(frozen=True, slots=True)
class Placeringsform:
    """A kind of placement: stock and duration for 80 000 inhabitants, price, and where its cost is booked."""

    form: str
    malgrupp: str  # barn_unga | vuxna_missbruk | vuxna_ovrigt
    lagrum: tuple[tuple[str, float], ...]
    regi: str
    utforare: tuple[str, ...]
    i_kommunen: float  # share inside the municipality
    pagaende: float
    medeldygn: float
    pris: tuple[int, int]  # kr per dygn, lowest and highest
    konto: tuple[str, ...]  # one account, or two that share the cost (arvode, omkostnad)
    verksamhet: str
    ansvar: str
    alder: tuple[int, int]


_BARN_LAG = (("sol", 0.62), ("lvu", 0.38))
FORMER = (
    Placeringsform("familjehem", "barn_unga", _BARN_LAG, "intern", ("Familjehem egna",), 0.45, 58, 950, (620, 980),
                   ("5034", "5521"), "5571", "4330", (0, 17)),
    Placeringsform("natverkshem", "barn_unga", (("sol", 0.8), ("lvu", 0.2)), "intern", ("Nätverkshem",), 0.6, 9, 600,
                   (480, 700), ("5034", "5521"), "5573", "4330", (3, 17)),
    Placeringsform("jourhem", "barn_unga", (("sol", 0.5), ("lvu", 0.5)), "intern", ("Jourhem egna",), 0.7, 9, 95,
                   (1_050, 1_500), ("5034", "5521"), "5572", "4330", (0, 17)),
    Placeringsform("konsulentstott_familjehem", "barn_unga", _BARN_LAG, "extern", ("Familjehemsstöd Syd", "Trygga hem"),
                   0.15, 22, 420, (1_700, 2_600), ("4642",), "5574", "4320", (2, 19)),
    Placeringsform("hvb", "barn_unga", _BARN_LAG, "extern", ("HVB Björkhaga", "HVB Lillgården", "HVB Nordvik"), 0.08,
                   13, 190, (4_200, 6_900), ("4641",), "5541", "4320", (12, 19)),
    Placeringsform("hvb", "barn_unga", (("sol", 1.0),), "intern", (HVB.namn,), 1.0, 6, 160, (3_900, 3_900),
                   ("4691",), "5541", "4310", (12, 19)),
    Placeringsform("sis", "barn_unga", (("lvu", 1.0),), "extern", ("SiS Fagerdal", "SiS Klockberga"), 0.0, 3, 170,
                   (9_200, 11_400), ("4643",), "5542", "4320", (14, 19)),
    Placeringsform("stodboende", "barn_unga", (("sol", 1.0),), "intern", (STODBOENDE.namn,), 1.0, 10, 330,
                   (1_600, 1_600), ("4691",), "5543", "4320", (17, 20)),
    Placeringsform("stodboende", "barn_unga", (("sol", 1.0),), "extern", ("Stödboende Fyren",), 0.2, 4, 300,
                   (1_900, 2_400), ("4644",), "5543", "4320", (17, 20)),
    Placeringsform("hvb", "vuxna_missbruk", (("sol", 1.0),), "extern", ("Behandlingshemmet Älvnäs", "Stiftelsen Vändpunkten"),
                   0.05, 9, 125, (2_100, 3_400), ("4641",), "5511", "4400", (21, 66)),
    Placeringsform("sis", "vuxna_missbruk", (("lvm", 1.0),), "extern", ("SiS LVM-hemmet Renberget",), 0.0, 1.4, 150,
                   (7_400, 8_600), ("4643",), "5512", "4400", (21, 60)),
    Placeringsform("familjehem", "vuxna_missbruk", (("sol", 1.0),), "extern", ("Familjevård Syd",), 0.1, 2, 210,
                   (1_500, 2_100), ("4642",), "5521", "4400", (21, 62)),
    Placeringsform("skyddat_boende", "vuxna_ovrigt", (("sol", 1.0),), "extern", ("Kvinnojouren Linnéa", "Skyddat boende Öst"),
                   0.1, 5, 62, (1_700, 2_700), ("4645",), "5581", "4400", (21, 62)),
)  # fmt: skip
