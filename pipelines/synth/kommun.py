"""`generera`: the whole municipality from one seed to a folder of deliveries. The way in to this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from pipelines.synth import ekonomi, ekonomifiler, enkater, jamforelse, leveranser, mal
from pipelines.synth.filer import skriv_csv, skriv_yaml
from pipelines.synth.hushall import Hushall, hushall
from pipelines.synth.insatser import insatser
from pipelines.synth.leveranser import KONTRAKT, LIFECARE, PROCAPITA, Mapp
from pipelines.synth.organisation import EKONOMI
from pipelines.synth.personal import personal
from pipelines.synth.personer import Personregister
from pipelines.synth.placeringar import lagliga, placeringar
from pipelines.synth.population import befolkning
from pipelines.synth.ram import EXEMPELBY, EXEMPELBY_KOD, SISTA_MANAD, Ram
from pipelines.synth.smuts import Smuts
from pipelines.synth.utredningar import utredningar

Framsteg = Callable[[str, int, int], None]
STORSKALIG = 400_000  # inhabitants above which files are plain CSV: for benchmarks, not for people
POSTER = 4  # postings per month and account string
STEG = 6


@dataclass(frozen=True, slots=True)
class Kommundata:
    """Everything that is true in the municipality, before it is written down (units as in each module)."""

    personer: pl.DataFrame
    hushall: Hushall
    utredningar: pl.DataFrame
    placeringar: pl.DataFrame
    insatser: pl.DataFrame
    personal: pl.DataFrame
    huvudbok: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Generering:
    """What was made: files in the order written, rows per table before dirt, and every piece of dirt."""

    filer: tuple[Path, ...]
    antal: Mapping[str, int]
    smuts: tuple[Smuts, ...]


def skapa(ram: Ram, placeringstathet: float = 1.0) -> Kommundata:
    """Draws the municipality; nothing is written."""
    register = Personregister()
    hushallen = hushall(ram, register)
    arenden = utredningar(ram, register, hushallen)
    placerade = placeringar(ram, register, arenden, placeringstathet)
    oppna = insatser(ram, register, arenden, placerade)
    personer = register.tabell()
    placerade = lagliga(placerade, personer)
    staben = personal(ram)
    bok = ekonomi.huvudbok(ram, hushallen.rader, placerade, oppna, staben)
    return Kommundata(personer, hushallen, arenden, placerade, oppna, staben, bok)


def generera(
    kommun: str = EXEMPELBY,
    invanare: int = 80_000,
    manader: int = 36,
    fro: int = 1,
    ut: Path = Path("data/raw"),
    slut: date = SISTA_MANAD,
    framsteg: Framsteg | None = None,
    *,
    kommun_kod: str = EXEMPELBY_KOD,
    smuts: bool = True,
    storskalig: bool | None = None,
    poster: int = POSTER,
    placeringstathet: float = 1.0,
) -> Generering:
    """Writes the deliveries of a synthetic municipality to `ut/<source>/<kod>_<namn>/`.

    kommun, kommun_kod  name and four-digit code (the caller looks up the code of a real name)
    invanare, manader   size; the months end with `slut` (any day of the month counts as the month)
    fro                 seed: same arguments, same bytes
    framsteg            called with (text in Swedish, steps done, steps in all)
    smuts               False: no bad rows, titles, totals, blanks or odd number forms
    storskalig          True: plain UTF-8 CSV with codes only, no dirt; default above 400 000 inhabitants
    poster              ledger rows that each monthly sum is split into
    placeringstathet    times as many placements as a municipality of that size has (benchmarks)

    Raises TertialError when an argument is out of range. Existing files of the same name are replaced.
    """
    ram = Ram(kommun, kommun_kod, invanare, manader, fro, slut.replace(day=1))
    stor = invanare > STORSKALIG if storskalig is None else storskalig

    def visa(text: str, klara: int) -> None:
        if framsteg is not None:
            framsteg(text, klara, STEG)

    visa("Skapar hushåll, ärenden, personal och huvudbok", 0)
    data = skapa(ram, placeringstathet)
    ut.mkdir(parents=True, exist_ok=True)
    # written aside first: whoever reads `ut` meanwhile, or after a crash, sees whole files only
    with TemporaryDirectory(prefix=".generate-", dir=ut) as aside:
        mapp = Mapp(ram, Path(aside), smuts and not stor, stor)
        antal = _skriv(mapp, data, poster, visa)
        filer = tuple(ut / path.relative_to(aside) for path in mapp.filer)
        for path, mal_path in zip(mapp.filer, filer, strict=True):
            mal_path.parent.mkdir(parents=True, exist_ok=True)
            path.replace(mal_path)
    visa("Klart", STEG)
    return Generering(filer, antal, tuple(mapp.funnet))


def _skriv(mapp: Mapp, data: Kommundata, poster: int, visa: Callable[[str, int], None]) -> dict[str, int]:
    """All deliveries into the folder; rows per table before dirt."""
    stod = _stodrader(data)
    visa("Skriver försörjningsstöd", 1)
    leveranser.forsorjningsstod(mapp, stod)
    visa("Skriver utredningar, placeringar och insatser", 2)
    antal = {"forsorjningsstod": stod.height, **_arenden(mapp, data)}
    visa("Skriver ekonomi", 3)
    ekonomifiler.ekonomi(mapp, data.huvudbok, poster)
    visa("Skriver personal, befolkning och enkäter", 4)
    _personal(mapp, data.personal)
    antal["befolkning"] = _befolkning(mapp)
    antal["enkatsvar"] = _enkater(mapp)
    visa("Skriver mål, mått och internkontroll", 5)
    _styrning(mapp, data.hushall.rader)
    jamforelse.kolada(mapp, data.hushall.rader)
    return antal | {"huvudbok": data.huvudbok.height, "personal_manad": data.personal.height}


def _stodrader(data: Kommundata) -> pl.DataFrame:
    person = data.personer.lazy()
    sokande = person.select(sokande_i="person", sokande="nummer", sokande_kon="kon", sokande_fodelsedatum="fodd")
    med = person.select(
        medsokande_i="person", medsokande="nummer", medsokande_kon="kon", medsokande_fodelsedatum="fodd"
    )
    return (
        data.hushall.rader.lazy()
        .rename({"sokande": "sokande_i", "medsokande": "medsokande_i"})
        .join(sokande, on="sokande_i", how="left", maintain_order="left")
        .join(med, on="medsokande_i", how="left", maintain_order="left")
        .select(
            pl.format("H-{}", (pl.col("hushall") + 10_001).cast(pl.String)).alias("hushall"),
            "manad", "vuxna", "barn", "hushallstyp", pl.col("belopp").alias("belopp_kr"), "forsorjningshinder",
            "sokande", "sokande_kon", "sokande_fodelsedatum", "medsokande", "medsokande_kon",
            "medsokande_fodelsedatum", "ansokan", "beslut", enhet=pl.lit(EKONOMI.namn),
        )
        .collect()
    )  # fmt: skip


def _med_person(frame: pl.DataFrame, data: Kommundata, prefix: str, nummer: str, namn: str) -> pl.DataFrame:
    """Case id as text, personnummer, kön and birth date instead of the person index."""
    register = data.personer.select(i="person", person="nummer", kon="kon", fodelsedatum="fodd")
    return (
        frame.rename({"person": "i"})
        .join(register, on="i", how="left", maintain_order="left")
        .with_columns(pl.format(prefix + "{}", (pl.col(nummer) + 100_001).cast(pl.String)).alias(namn))
    )


def _arenden(mapp: Mapp, data: Kommundata) -> dict[str, int]:
    slutdatum = pl.coalesce("avslutad", pl.when(pl.col("inledd").is_null()).then("forhandsbedomning_klar"))
    utr = _med_person(data.utredningar, data, "U-", "arende", "arende_namn").select(
        pl.col("arende_namn").alias("arende"), "person", "kon", "fodelsedatum", "slag", "inkom", "inkomstsatt",
        "forhandsbedomning_klar", "forhandsbedomning_forlangd_till", "inledd", "avslutad", "forlangd_till", "utfall",
        "enhet", "ensamkommande", _slut=slutdatum,
    )  # fmt: skip
    datum = ("inkom", "forhandsbedomning_klar", "inledd", "avslutad")
    leveranser.arendefiler(mapp, "utredningar", PROCAPITA, utr, datum, "avslutad")
    plac = _med_person(data.placeringar, data, "P-", "placering", "placering_id").select(
        "placering_id", "person", "kon", "fodelsedatum", "start", "slut", "form", "lagrum", "regi", "i_kommunen",
        "enhet", pl.col("dygnskostnad").mul(100).alias("dygnskostnad_kr"), "ensamkommande", _slut="slut",
    )  # fmt: skip
    leveranser.arendefiler(mapp, "placeringar", LIFECARE, plac, ("start", "slut"), "slut")
    ins = _med_person(data.insatser, data, "I-", "insats", "insats_id").select(
        "insats_id", "person", "kon", "fodelsedatum", "malgrupp", "slag", "start", "slut", "regi", "enhet", _slut="slut"
    )
    leveranser.arendefiler(mapp, "insatser", LIFECARE, ins, ("start", "slut"), "slut")
    return {"utredningar": utr.height, "placeringar": plac.height, "insatser": ins.height}


def _personal(mapp: Mapp, rader: pl.DataFrame) -> None:
    for ar in mapp.ram.ar:
        arets = rader.filter(pl.col("manad").dt.year() == ar).drop("ansvar")
        uttag = mapp.uttag(date(ar + 1, 1, 15))
        mapp.skriv("personal", "personal_manad", f"personal_{ar}_uttag_{uttag}", arets, KONTRAKT, blanka="enhet")


def _befolkning(mapp: Mapp) -> int:
    """Wide, as Statistics Sweden hands it out: one row per age, a column per kön."""
    folk = befolkning(mapp.ram)
    for arets in folk.partition_by("ar", maintain_order=True):
        ar: int = arets["ar"][0]
        bred = arets.pivot("kon", index=["ar", "alder"], values="antal").select(
            pl.col("ar").alias("År"), pl.col("alder").alias("Ålder"),
            pl.col("K").alias("Kvinnor"), pl.col("M").alias("Män"),
        )  # fmt: skip
        path = mapp.plats("befolkning", f"befolkning_{ar}_uttag_{ar + 1}-02-22.csv")
        skriv_csv(path, bred.cast(pl.String), ";", "utf-8")
    return folk.height


def _enkater(mapp: Mapp) -> int:
    antal = 0
    for enkat, ar in enkater.omgangar(mapp.ram):
        svar = enkater.enkatsvar(mapp.ram, enkat, ar)
        antal += svar.height
        ordning = ["enkat", "ar", "malgrupp", "respondent", "fraga_id", "svar", "kon", "enhet", "utskickade"]
        mapp.skriv(
            "enkater",
            "enkatsvar",
            f"{enkat}_{ar}_uttag_{ar}-12-01",
            svar.select(ordning),
            KONTRAKT,
            xlsx=enkat == enkater.HME,
        )
    return antal


def _styrning(mapp: Mapp, rader: pl.DataFrame) -> None:
    """Goals (YAML the last year, a workbook before), control plans and budgeted measures; from the first whole year."""
    ram = mapp.ram
    hela = ram.ar[1:] if len(ram.ar) > 1 else ram.ar
    for ar in hela:
        uttag = mapp.uttag(date(ar + 1, 3, 1))
        mal_rader = mal.mal(ram, ar)
        if ar == hela[-1] and not mapp.endast_csv:
            skriv_yaml(mapp.plats("mal", f"mal_{ar}_uttag_{ar}-01-15.yaml"), mal_rader.to_dicts())
        else:
            mapp.skriv("mal", "mal", f"mal_{ar}_uttag_{uttag}", mal_rader, KONTRAKT, xlsx=True)
        mapp.skriv(
            "internkontroll",
            "internkontroll",
            f"internkontroll_{ar}_uttag_{uttag}",
            mal.internkontroll(ram, ar),
            KONTRAKT,
        )
        mapp.skriv("matt", "matt", f"verksamhetsmatt_{ar}_uttag_{uttag}", mal.matt(ram, rader, ar), KONTRAKT)
