"""The rules of disclosure control as data: `expectations/sekretess/*.yml`, read and checked as a whole.

What a figure is, which rows are published, and which marts need what. A mart or a figure that nothing describes
stops the publication. Applying the rules belongs to `familjer`, `foljare`, `belopp` and `enkater`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import TertialError
from pipelines.settings import EXPECTATIONS_DIR

MAPP = EXPECTATIONS_DIR / "sekretess"
RATTA = "Rätta expectations/sekretess/."


@dataclass(frozen=True)
class Familj:
    """Figures that hang together: protected and audited on their own, once per municipality.

    matten   nyckeltal_id -> words of `rojande.beskrivning`, or {foljer: [...]}
    urval    patterns: a row is published when it fits one of them
    utvagar  names of patterns to give up, one step at a time
    """

    namn: str
    matten: Mapping[str, Mapping[str, Any]]
    dimensioner: Mapping[str, Mapping[str, Any]]
    urval: tuple[Mapping[str, Any], ...]
    identiteter: tuple[Mapping[str, Any], ...] = ()
    utvagar: tuple[str, ...] = ()
    regler: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sekretess:
    """Every description. `marter` is mart -> its YAML document; `offentliga` the tables that are public already."""

    familjer: tuple[Familj, ...]
    annat_satt: tuple[Mapping[str, str], ...]
    marter: Mapping[str, Mapping[str, Any]]
    offentliga: tuple[Mapping[str, str], ...]
    utan: Mapping[str, str]
    tidsgrans_s: float

    def familj(self, nyckeltal_id: str) -> Familj | None:
        """The family of a figure, or None."""
        return next((one for one in self.familjer if nyckeltal_id in one.matten), None)

    def avgors_av(self, nyckeltal_id: str) -> str | None:
        """The mart whose description decides a figure that no family holds, or None."""
        return next((one["av"] for one in self.annat_satt if nyckeltal_id.startswith(one["borjar"])), None)

    def prova(self, marter: Iterable[str], nyckeltal: Iterable[str]) -> None:
        """Raise TertialError for a mart or a figure that nothing describes."""
        okanda = sorted(set(marter) - set(self.marter) - set(self.utan))
        if okanda:
            raise TertialError(
                f"Marten {', '.join(okanda)} saknar sekretessbeskrivning och publiceras inte.",
                "Beskriv den i expectations/sekretess/, eller ange i offentliga.yml varför den inte behöver det.",
            )
        lediga = sorted({one for one in nyckeltal if not self.familj(one) and not self.avgors_av(one)})
        if lediga:
            raise TertialError(
                f"Nyckeltalet {', '.join(lediga[:5])} saknar sekretessbeskrivning ({len(lediga)} st).",
                "Lägg in det i en familj i expectations/sekretess/nyckeltal.yml.",
            )


@cache
def las(mapp: Path = MAPP) -> Sekretess:
    """All descriptions; TertialError for what does not hold together."""
    dokument: dict[str, dict[str, Any]] = {
        fil.stem: yaml.safe_load(fil.read_text(encoding="utf-8")) for fil in sorted(mapp.glob("*.yml"))
    }
    for namn in ("nyckeltal", "offentliga"):
        if namn not in dokument:
            raise TertialError(f"Filen {mapp.name}/{namn}.yml saknas.", RATTA)
    nyckeltal, offentliga = dokument["nyckeltal"], dokument.pop("offentliga")
    for namn, innehall in dokument.items():
        if innehall.get("mart") != namn:
            raise TertialError(f"Sekretessbeskrivningen {namn}.yml beskriver en annan mart än den heter.", RATTA)
    familjer = tuple(_familj(namn, ord_) for namn, ord_ in nyckeltal["familjer"].items())
    alla = [matt for familj in familjer for matt in familj.matten]
    if dubbla := sorted({matt for matt in alla if alla.count(matt) > 1}):
        raise TertialError(f"Nyckeltalet {', '.join(dubbla)} står i två familjer.", RATTA)
    return Sekretess(
        familjer=familjer,
        annat_satt=tuple(nyckeltal["avgors_pa_annat_satt"]),
        marter=dokument,
        offentliga=tuple(offentliga["offentliga"]),
        utan={one["mart"]: one["skal"] for one in offentliga["utan_beskrivning"]},
        tidsgrans_s=float(nyckeltal["tidsgrans_s"]),
    )


def _familj(namn: str, ord_: Mapping[str, Any]) -> Familj:
    kanda = {"matten", "dimensioner", "urval", "identiteter", "utvagar", "regler"}
    if okanda := sorted(set(ord_) - kanda):
        raise TertialError(f"Familjen {namn} har okända ord: {', '.join(okanda)}.", RATTA)
    monster = {"namn", "matt", "periodtyp", "organisation", "kon", "alder", "indelning"}
    for one in ord_["urval"]:
        if set(one) - monster or not {"namn", "periodtyp"} <= set(one):
            raise TertialError(f"Familjen {namn} har ett felskrivet urval.", RATTA)
    if frammande := set(ord_.get("utvagar", ())) - {one["namn"] for one in ord_["urval"]}:
        raise TertialError(f"Familjen {namn}: utvägen {', '.join(frammande)} är inget urval.", RATTA)
    for matt, matt_ord in ord_["matten"].items():
        for mal in matt_ord.get("foljer", ()):
            if "slag" not in ord_["matten"].get(mal["nyckeltal_id"], {}):
                raise TertialError(f"{matt} följer {mal['nyckeltal_id']}, som inte är ett eget tal i {namn}.", RATTA)
    return Familj(
        namn=namn,
        matten=ord_["matten"],
        dimensioner=ord_["dimensioner"],
        urval=tuple(ord_["urval"]),
        identiteter=tuple(ord_.get("identiteter", ())),
        utvagar=tuple(ord_.get("utvagar", ())),
        regler=ord_.get("regler", {}),
    )
