"""The report as PDF/UA-1: the template `mallar/rapport.typ` over the data object; typst itself refuses what is not accessible.

Texts reach typst as data (JSON), never as markup, so nothing that someone has written can run or break the page.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.errors import TertialError
from pipelines.rapport import diagram
from pipelines.rapport.delar import Avsnitt, Diagram, Lista, Rapport, Tabell, Text

MALL = Path(__file__).with_name("mallar") / "rapport.typ"


def skriv(rapport: Rapport, path: Path, mall: Path = MALL) -> None:
    """Write the PDF; TertialError when the template does not give an accessible document."""
    import typst

    with TemporaryDirectory() as folder:
        work = Path(folder)
        document = {
            "titel": rapport.titel,
            "undertitel": rapport.undertitel,
            "kommun": rapport.kommun,
            "period": rapport.period,
            "fakta": [list(one) for one in rapport.fakta],
            "avsnitt": [_avsnitt(one, work) for one in rapport.avsnitt],
        }
        (work / "rapport.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        (work / "rapport.typ").write_bytes(mall.read_bytes())
        try:
            compiler = typst.Compiler(str(work / "rapport.typ"), root=folder, ignore_system_fonts=True)
            compiler.compile(output=str(path), format="pdf", pdf_standards=["ua-1"], timestamp=rapport.tid)
        except typst.TypstError as error:
            raise TertialError(
                f"Mallen {mall.name} ger ingen tillgänglig PDF: {error.diagnostic.strip().splitlines()[0]}",
                "Rätta mallen, eller ta bort den så används Tertials egen.",
            ) from None


def _avsnitt(en: Avsnitt, work: Path) -> dict[str, object]:
    return {"id": en.id, "rubrik": en.rubrik, "block": [_block(one, work) for one in en.block]}


def _block(en: Text | Lista | Tabell | Diagram, work: Path) -> dict[str, object]:
    if isinstance(en, Text):
        return {"slag": "text", "text": en.text}
    if isinstance(en, Lista):
        return {"slag": "lista", "punkter": list(en.punkter)}
    if isinstance(en, Diagram):
        name = f"diagram{len(list(work.glob('*.svg')))}.svg"
        (work / name).write_text(diagram.svg(en), encoding="utf-8")
        return {"slag": "diagram", "rubrik": en.rubrik, "alt": en.alt, "fil": name}
    return {
        "slag": "tabell",
        "rubrik": en.rubrik,
        "fot": en.fot,
        "hel": en.hel,
        "kolumner": [{"rubrik": one.rubrik, "bredd": one.bredd, "tal": one.tal} for one in en.kolumner],
        "rader": [[{"text": cell.text, "ton": cell.ton} for cell in row] for row in en.rader],
    }
