"""The words of a contract as frozen objects: Contract, Tabell, Kolumn and the two other kinds of layout.

How they are read from a contract file (and refused) stands in `contracts.model`; nothing here touches a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipelines.contracts.stavning import normal

Typ = Literal[
    "text", "kod", "heltal", "decimal", "belopp", "datum", "manad", "ar", "ja_nej",
    "person", "hushall", "arende", "respondent", "fodelsedatum", "fritext",
]  # fmt: skip
Klass = Literal["direkt", "indirekt", "kanslig", "ingen"]
TYPER: tuple[str, ...] = get_args(Typ)
KLASSER: tuple[str, ...] = get_args(Klass)
PSEUDONYM_TYPER = frozenset({"person", "hushall", "arende", "respondent"})


@dataclass(frozen=True, slots=True)
class Kolumn:
    """One column of a delivery."""

    namn: str
    rubrik: str
    typ: Typ
    beskrivning: str
    obligatorisk: bool
    nyckel: bool
    klass: Klass
    andamal: str
    rattslig_grund: str
    gallring: str
    synonymer: tuple[str, ...] = ()
    varden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # code -> spellings, the label first
    etiketter: Mapping[str, str] = field(default_factory=dict)  # code -> Swedish label
    minimum: float | None = None
    maximum: float | None = None
    decimaler: int = 4
    enhet: str | None = None
    exempel: str | None = None
    i_lake: bool = True  # False: resolved or checked by the reader, then gone (kommun, tecken, fritext ...)
    standard: str | None = None  # value when the column is absent from the file
    ger: tuple[str, ...] = ()  # columns that need not be in the file when this one is: the reader takes them from it
    monster: str | None = None  # regular expression a text cell must match in full
    talmonster: str | None = None  # the number is group 1 of a cell that matches this in full ("105+ år")
    synonym_system: Mapping[str, str] = field(default_factory=dict)  # synonym -> delivering system

    @property
    def personlig(self) -> bool:
        """True when its values may never be printed."""
        return self.klass != "ingen"

    @property
    def lake_namn(self) -> str:
        """The column's name in the lake."""
        if self.typ in PSEUDONYM_TYPER:
            return self.namn if self.namn.endswith("_id") else f"{self.namn}_id"
        if self.typ == "fodelsedatum":
            return self.namn.replace("fodelsedatum", "fodelsear")
        return self.namn

    @property
    def rubriker(self) -> tuple[str, ...]:
        """Every spelling of its header: name, Swedish header, synonyms."""
        return (self.namn, self.rubrik, *self.synonymer)

    def koder(self) -> dict[str, str]:
        """Normalised spelling -> code, for typ kod (the code itself is a spelling)."""
        return {normal(one): code for code, spellings in self.varden.items() for one in (code, *spellings)}


@dataclass(frozen=True, slots=True)
class BredLayout:
    """A wide layout: every header whose normalised text matches `monster` in full becomes one long row per file row.

    Named groups of `monster` are contract columns and get the group's text, mapped through `oversatt` when listed
    there; a group that took no part in the match says nothing. `fasta` are columns with the same value for all
    cells of this pattern. Group and `fasta` override a column of the same name in the file. The cell goes to
    `varde_kolumn`; an empty cell makes no row, a token makes one. The first pattern that matches a header counts.
    With `ackumulerad` the cells are not loaded: per row key they must equal the running sum over the months of the
    year of the cells loaded for the same groups and `fasta` (UTFALL_ACK beside UTFALL_PER).
    """

    monster: str
    varde_kolumn: str
    oversatt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fasta: Mapping[str, str] = field(default_factory=dict)
    ackumulerad: bool = False


@dataclass(frozen=True, slots=True)
class Falt:
    """One position of a layout without a header. `las` False: the text is never looked at."""

    namn: str
    beskrivning: str
    monster: str | None = None  # what the text looks like; recognises the layout
    varden: Mapping[str, str] = field(default_factory=dict)  # text in the file -> contract spelling
    las: bool = True


@dataclass(frozen=True, slots=True)
class PositionLayout:
    """A layout told by position: fields in order, no header row (a first row with the fields' own names is dropped).

    Recognised when every row has `minst`..`hogst` fields and the first data row fits every `monster`. The reader
    takes the fields with `las`, maps `varden`, and hands the text frame (columns = field names, all String, plus
    `rad`) to the pure function named by `regel` ("module:function"), which gives a text frame with the table's
    contract columns (and `rad`); from there on the rows are read like any other.
    """

    namn: str
    beskrivning: str
    minst: int
    hogst: int
    falt: tuple[Falt, ...]
    regel: str


@dataclass(frozen=True, slots=True)
class Tabell:
    """One layout of a source: one lake table."""

    namn: str
    kalla: str
    beskrivning: str
    korn: str
    kolumner: tuple[Kolumn, ...]
    ersatter: tuple[str, ...]
    period_kolumn: str | None
    bred: tuple[BredLayout, ...] = ()
    positioner: tuple[PositionLayout, ...] = ()
    ignorera: tuple[str, ...] = ()  # regular expressions on the normalised header
    summarader: tuple[str, ...] = ()  # regular expressions that match the normalised first filled text cell in full
    summa_kolumn: str | None = (
        None  # column that carries radtyp=summa instead of dropping total rows; stated in the file, it rules
    )
    extra_kolumner: Literal["avvisa", "tillat"] = "avvisa"
    tom_tillaten: bool = False
    provas_av: str | None = None  # module:function of the source: (typed rows) -> findings that its own data decides
    unik: bool = True  # the key columns identify a row (False: legitimate exact duplicates)

    @property
    def nyckel(self) -> tuple[str, ...]:
        """Lake names of the key columns."""
        return tuple(one.lake_namn for one in self.kolumner if one.nyckel)

    def kolumn(self, namn: str) -> Kolumn:
        """The column of that contract name; KeyError when there is none."""
        for one in self.kolumner:
            if one.namn == namn:
                return one
        raise KeyError(f"{self.namn} has no column {namn}")

    def rubriker(self) -> dict[str, Kolumn]:
        """Normalised header -> column, for every spelling the contract knows."""
        return {normal(spelling): one for one in self.kolumner for spelling in one.rubriker}


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of one source."""

    kalla: str
    version: str
    titel: str
    beskrivning: str
    agare: str
    takt: str
    tabeller: tuple[Tabell, ...]
    tokens: Mapping[str, str]
    tokens_per_kalla: Mapping[str, Mapping[str, str]]
    max_andel_fel: float
    max_antal_fel: int
    personkalla: bool
    fingeravtryck: str  # sha256 of the file: a refused delivery is read again when its contract has changed
    nationell: bool = False  # the whole country in one delivery: kommun_kod 0000, whatever folder or setting says
    lasare: str | None = None  # module with `las` and `kanner_igen` that reads the source instead of the generic rows

    def tabell(self, namn: str) -> Tabell:
        """The table of that name; KeyError when there is none."""
        for one in self.tabeller:
            if one.namn == namn:
                return one
        raise KeyError(f"{self.kalla} has no table {namn}")

    def tokens_for(self, kalla: str | None) -> Mapping[str, str]:
        """The token map of a row whose column `kalla` says `kalla`: the first named map its text begins with."""
        text = normal(kalla or "")
        for name, tokens in self.tokens_per_kalla.items():
            if text.startswith(normal(name)):
                return tokens
        return self.tokens
