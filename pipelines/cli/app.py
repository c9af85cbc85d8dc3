"""`tertial`: every command's name, options and help. What a command does is imported when it is called."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.kommandorad import Kommandorad, starta
from pipelines.cli.skarm import begripligt, skydda_utskrift

app = Kommandorad(namn="tertial", hjalp="Socialnämndens datalager: leveranser in, pålitliga nyckeltal ut.")
nyckel = Kommandorad(hjalp="Nyckeln som gör personnummer till pseudonymer.")
lint = Kommandorad(hjalp="Pröva det som styr redovisningen, innan den görs.")
logg = Kommandorad(hjalp="Loggen över vem som gjort vad.")
hamta = Kommandorad(hjalp="Hämta öppna uppgifter till data/raw.")
app.add_typer(hamta, name="hamta")
app.add_typer(nyckel, name="nyckel")
app.add_typer(lint, name="lint")
app.add_typer(logg, name="logg")

Raw = Annotated[Path | None, typer.Option("--raw", help="Mapp med leveranser (standard: data/raw).", metavar="MAPP")]
Out = Annotated[Path | None, typer.Option("--out", help="Mapp för marterna (standard: data/marts).", metavar="MAPP")]


@app.command(epilog="Exempel:  tertial run   ·   tertial run --only ekonomi   ·   tertial run --per 2025-09-15")
def run(
    raw: Raw = None,
    out: Out = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Läs bara nya leveranser från den här källan.", metavar="KÄLLA")
    ] = None,
    per: Annotated[
        str | None,
        typer.Option("--per", help="Bygg marterna av det som var känt den dagen (ÅÅÅÅ-MM-DD).", metavar="DATUM"),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Gör först demokommunen och en nyckel om de saknas.")] = False,
) -> None:
    """Läs nya leveranser, granska, bygg lagret, granska marterna och publicera. Kod 0 bara om inget stoppade."""
    from pipelines.cli import kor

    with begripligt():
        raise typer.Exit(kor.kor(raw, out, only, per, demo))


@app.command(epilog="Exempel:  tertial check placeringar_2025.csv   ·   tertial check *.xlsx")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FIL...", help="En eller flera leveranser.")],
) -> None:
    """Pröva leveranser utan att läsa in dem: källa, layout, rader, period, summor och varje fel. Kod 1 vid fel."""
    from pipelines.cli import prova

    with begripligt():
        raise typer.Exit(prova.prova(files))


@app.command(epilog="Exempel:  tertial status   ·   tertial status --raw /srv/tertial/raw")
def status(raw: Raw = None) -> None:
    """Vad som levererats och lästs per källa och månad, vad som saknas och vad som avvisats."""
    from pipelines.cli import lage

    with begripligt():
        raise typer.Exit(lage.status(raw))


@app.command(epilog="Exempel:  tertial fel   ·   tertial fel PLA-001")
def fel(
    regel: Annotated[str | None, typer.Argument(metavar="REGEL", help="Visa bara den här regeln.")] = None,
    raw: Raw = None,
) -> None:
    """Alla rader som avvisats eller flaggats, leverans för leverans (aldrig personuppgifter)."""
    from pipelines.cli import lage

    with begripligt():
        lage.fel(regel, raw)


@app.command(epilog="Exempel:  tertial generate --kommun Exempelby --invanare 80000 --manader 36 --fro 1 --ut /tmp/raw")
def generate(
    kommun: Annotated[str, typer.Option("--kommun", help="Kommunens namn.", metavar="NAMN")],
    invanare: Annotated[int, typer.Option("--invanare", help="Antal invånare.", min=500, metavar="N")],
    manader: Annotated[int, typer.Option("--manader", help="Antal månader bakåt.", min=1, max=240, metavar="M")],
    fro: Annotated[int, typer.Option("--fro", help="Frö: samma frö ger samma filer.", metavar="FRÖ")],
    ut: Annotated[
        Path | None, typer.Option("--ut", help="Mapp att skriva i (standard: data/raw).", metavar="MAPP")
    ] = None,
) -> None:
    """Gör en påhittad kommun: ärenden och redovisning som hör ihop, med verkliga exporters smuts."""
    from pipelines.cli import gor

    with begripligt():
        gor.generate(kommun, invanare, manader, fro, ut)


@app.command(epilog="Exempel:  tertial template placeringar   ·   tertial template enkater --ut mallar/")
def template(
    source: Annotated[str, typer.Argument(metavar="KÄLLA", help="Källans namn, t.ex. placeringar.")],
    ut: Annotated[Path, typer.Option("--ut", help="Mapp att skriva i.", metavar="MAPP")] = Path(),
) -> None:
    """Gör en XLSX-mall att fylla i: kolumner, en anteckning om var och en, rullistor med tillåtna värden."""
    from pipelines.cli import gor

    with begripligt():
        gor.template(source, ut)


@hamta.command(
    "kolada", epilog="Exempel:  tertial hamta kolada   ·   tertial hamta kolada --kommun Solna --ar 2018-2024"
)
def hamta_kolada(
    kommun: Annotated[
        list[str] | None,
        typer.Option(
            "--kommun", help="Bara den här kommunen, dess jämförelsegrupper och riket (flera går).", metavar="KOMMUN"
        ),
    ] = None,
    ar: Annotated[
        list[str] | None, typer.Option("--ar", help="År eller spann (standard: de elva senaste).", metavar="ÅR")
    ] = None,
    grupper: Annotated[
        list[str] | None,
        typer.Option(
            "--grupper", help="Början på gruppernas titel (standard: Liknande kommuner IFO).", metavar="TITEL"
        ),
    ] = None,
    nyckeltal: Annotated[
        list[str] | None, typer.Option("--nyckeltal", help="Koladas id (standard: katalogens).", metavar="ID")
    ] = None,
    raw: Raw = None,
) -> None:
    """Hämta Koladas värden, katalog och grupper. Allt eller inget; en avbruten hämtning fortsätter där den slutade."""
    from pipelines.cli import kolada

    with begripligt():
        kolada.hamta(raw, kommun or [], ar or [], grupper or [], nyckeltal or [])


@app.command(
    epilog='Exempel:  tertial publicera delar2 --kommun Exempelby   ·   ... --revidera "rättad leverans"   ·   tertial publicera --aterskapa data/publikationer/9998/2025-delar2/r1'
)
def publicera(
    tillfalle: Annotated[
        str | None, typer.Argument(metavar="[TILLFÄLLE]", help="Ur kommunens kalender: delar1, delar2 eller bokslut.")
    ] = None,
    kommun: Annotated[str | None, typer.Option("--kommun", help="Kommunens kod eller namn.", metavar="KOMMUN")] = None,
    ar: Annotated[
        int | None,
        typer.Option("--ar", help="Året (standard: det senaste som är slut).", min=1990, max=2100, metavar="ÅR"),
    ] = None,
    revidera: Annotated[
        str | None, typer.Option("--revidera", help="Ny revision av något publicerat, med skälet.", metavar="SKÄL")
    ] = None,
    aterskapa: Annotated[
        Path | None,
        typer.Option("--aterskapa", help="Bygg om en publikation ur dess leveranser och jämför.", metavar="MAPP"),
    ] = None,
    raw: Raw = None,
) -> None:
    """Frys utgåvan som det som redovisades vid ett tillfälle: oföränderligt, med manifest och ändringslista."""
    from pipelines.cli import publicera as frysning

    with begripligt():
        frysning.kontrollera_val(tillfalle, kommun, aterskapa)
        if aterskapa is not None:
            raise typer.Exit(frysning.aterskapa(raw, aterskapa))
        frysning.publicera(raw, str(tillfalle), str(kommun), ar, revidera)


@app.command(epilog="Exempel:  tertial explain   ·   tertial explain eb_vuxna --period 2024 --kon K --kommun Exempelby")
def explain(
    nyckeltal: Annotated[
        str | None, typer.Argument(metavar="[NYCKELTAL]", help="Katalogens id eller Koladas; utan: hela katalogen.")
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="ÅÅÅÅ eller ÅÅÅÅ-MM (standard: den senaste).", metavar="PERIOD")
    ] = None,
    organisation: Annotated[str, typer.Option("--organisation", help="Enhetens namn.", metavar="ENHET")] = "Totalt",
    kon: Annotated[str, typer.Option("--kon", help="T (totalt), K eller M.", metavar="KÖN")] = "T",
    kommun: Annotated[str | None, typer.Option("--kommun", help="Kommunens kod eller namn.", metavar="KOMMUN")] = None,
    raw: Raw = None,
) -> None:
    """Från ett tal till formel, filer och radantal: vad det är, vad det byggs av, vilka kontroller det klarat."""
    from pipelines.cli import forklara

    with begripligt():
        if nyckeltal is None:
            forklara.lista()
        else:
            forklara.explain(raw, nyckeltal, kommun, organisation, kon, period)


@app.command(epilog="Exempel:  tertial dokument   ·   tertial dokument --kontrollera")
def dokument(
    kontrollera: Annotated[
        bool, typer.Option("--kontrollera", help="Skriv inget; kod 1 om något är inaktuellt.")
    ] = False,
) -> None:
    """Gör om allt i projektet som är skapat ur data: datakatalog, register, kontroller, nyckeltal, union, metrik."""
    from pipelines.cli import dokument as skapat

    with begripligt():
        raise typer.Exit(skapat.dokument(kontrollera))


@app.command(
    epilog="Exempel:  tertial rapport delar2 --kommun Exempelby   ·   ... --ut rapporter/ --mall kommunens_mall.docx"
)
def rapport(
    tillfalle: Annotated[str, typer.Argument(metavar="TILLFÄLLE", help="delar1, delar2 eller bokslut.")],
    kommun: Annotated[str, typer.Option("--kommun", help="Kommunens kod eller namn.", metavar="KOMMUN")],
    ar: Annotated[
        int | None,
        typer.Option("--ar", help="Året (standard: det senaste som är slut).", min=1990, max=2100, metavar="ÅR"),
    ] = None,
    ut: Annotated[Path, typer.Option("--ut", help="Mapp att skriva i.", metavar="MAPP")] = Path(),
    mall: Annotated[Path | None, typer.Option("--mall", help="Kommunens egen Wordmall (.docx).", metavar="FIL")] = None,
    raw: Raw = None,
) -> None:
    """Skriv delårsrapportens bilaga ur den frysta publikationen: en Wordfil att redigera och en tillgänglig PDF."""
    from pipelines.cli import rapport as skrivning

    with begripligt():
        skrivning.rapport(raw, tillfalle, kommun, ar, ut, mall)


@nyckel.command("skapa", epilog="Exempel:  tertial nyckel skapa")
def nyckel_skapa() -> None:
    """Gör en ny nyckel där ingen finns (0400, utanför projektet och databasen)."""
    from pipelines.cli import hemligt

    with begripligt():
        hemligt.skapa()


@nyckel.command("byt", epilog="Exempel:  tertial nyckel byt")
def nyckel_byt(raw: Raw = None) -> None:
    """Byt nyckel: alla lagrade pseudonymer skrivs om, personer förblir kopplade och den gamla nyckeln förstörs."""
    from pipelines.cli import hemligt

    with begripligt():
        hemligt.byt(raw)


@app.command(epilog="Exempel:  tertial gallra --fore 2020-01-01 --torr   ·   tertial gallra --fore 2020-01-01")
def gallra(
    fore: Annotated[str, typer.Option("--fore", help="Ärenden avslutade före den här dagen.", metavar="DATUM")],
    torr: Annotated[bool, typer.Option("--torr", help="Visa vad som skulle gallras utan att göra det.")] = False,
    raw: Raw = None,
) -> None:
    """Ta bort rader i gamla avslutade ärenden, utom för födda den 5, 15 och 25, och skriv ett protokoll."""
    from pipelines.cli import hemligt

    with begripligt():
        hemligt.gallra(fore, torr, raw)


@logg.command("verifiera", epilog="Exempel:  tertial logg verifiera")
def logg_verifiera(raw: Raw = None) -> None:
    """Pröva att ingen rad i loggen ändrats, tagits bort eller flyttats. Kod 1 om något är fel."""
    from pipelines.cli import hemligt

    with begripligt():
        raise typer.Exit(hemligt.verifiera_logg(raw))


@app.command(epilog="Exempel:  tertial visa   ·   tertial visa --las --port 3001")
def visa(
    port: Annotated[int, typer.Option("--port", help="Port.", min=1, max=65535, metavar="N")] = 3000,
    las: Annotated[bool, typer.Option("--las", help="Bara läsning: ingen kan starta eller ändra något.")] = False,
    vard: Annotated[str, typer.Option("--vard", help="Adress att lyssna på.", metavar="ADRESS")] = "127.0.0.1",
    utan_skydd: Annotated[
        bool, typer.Option("--utan-skydd", help="Tillåt en adress som andra når, fast sidan saknar inloggning.")
    ] = False,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Sökväg bakom en omvänd proxy, t.ex. /drift.", metavar="VÄG")
    ] = "",
) -> None:
    """Visa Dagsters sida (körningar, kontroller, ursprung) på den här datorn."""
    from pipelines.cli import visa as sida

    with begripligt():
        sida.visa(vard, port, las, utan_skydd, prefix)


@lint.command("mal", epilog="Exempel:  tertial lint mal --kommun Solna --ar 2011")
def lint_mal(
    kommun: Annotated[str | None, typer.Option("--kommun", help="Kod eller namn.", metavar="KOMMUN")] = None,
    ar: Annotated[int | None, typer.Option("--ar", help="Verksamhetsår.", metavar="ÅR")] = None,
    raw: Raw = None,
) -> None:
    """Är varje effektmål mätbart, specifikt, tidsatt, realistiskt och följt? Kod 1 om något mål har brister."""
    from pipelines.cli import mal

    with begripligt():
        raise typer.Exit(mal.lint(raw, kommun, ar))


@app.command(epilog="Exempel:  tertial skanna data/marts")
def skanna(
    paths: Annotated[list[Path], typer.Argument(metavar="SÖKVÄG...", help="Filer eller mappar.")],
) -> None:
    """Sök personnummer i alla skrivsätt i filer och mappar. Kod 1 vid träff; träffen själv visas aldrig."""
    from pipelines.cli import hemligt

    with begripligt():
        raise typer.Exit(hemligt.skanna(paths))


def main() -> None:
    """Entry point of the `tertial` command. Whatever a library writes beside us is the owner's alone."""
    os.umask(0o077)
    skydda_utskrift()
    starta(app)
