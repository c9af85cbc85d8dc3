"""Survey questionnaires as data: `formular/<enkat>.yml` to one frame that dbt reads as register.formular.

A questionnaire says which questions there are, which answers each takes, which of them are positive, which leave
the denominator and which Kolada id the share has per målgrupp. Reading survey deliveries belongs to the reader of
this source; counting shares belongs to dbt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.reading.values import Skal

FORMULAR_DIR = Path(__file__).parent / "formular"

SCHEMA: dict[str, type[pl.DataType]] = {
    "enkat": pl.String,
    "titel": pl.String,
    "malgrupp": pl.String,
    "malgrupp_namn": pl.String,
    "minst_svarande": pl.Int64,
    "ingar_i_totalt": pl.Boolean,
    "fraga_id": pl.String,
    "fraga": pl.String,
    "del": pl.String,
    "kolada_id": pl.String,
    "svar": pl.String,
    "svar_text": pl.String,
    "positiv": pl.Boolean,
    "i_namnaren": pl.Boolean,
    "varde": pl.Float64,
}
TOTALT = "totalt"
_FALT = {
    "formulär": {"enkat", "titel", "kalla", "malgrupper", "skalor", "fragor"},
    "målgrupp": {"id", "namn", "minst_svarande", "summa_av"},
    "svar": {"svar", "text", "positiv", "i_namnaren", "varde"},
    "fråga": {"id", "text", "skala", "del", "kolada"},
}
_FRIVILLIGA = {"summa_av", "positiv", "i_namnaren", "varde", "del", "kolada"}


class FormularError(ValueError):
    """A questionnaire file that does not hold together; the text names file, place and remedy in Swedish."""


def formular(folder: Path = FORMULAR_DIR) -> pl.DataFrame:
    """All questionnaires of `folder`: one row per (enkat, malgrupp, fraga_id, svar), columns of `SCHEMA`.

    varde is the answer's numeric value (null when the scale has none), minst_svarande the number of respondents
    below which nothing is shown, ingar_i_totalt says that the målgrupp is part of the sum målgrupp "totalt".
    """
    rows: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        questionnaire = _read(path)
        enkat = str(questionnaire["enkat"])
        if enkat in seen:
            raise FormularError(
                f"{path.name}: enkät-id {enkat} finns redan i {seen[enkat]}. Ge formuläret ett eget id."
            )
        seen[enkat] = path.name
        rows.extend(_rows(questionnaire))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("enkat", "malgrupp", "fraga_id", "svar")


def utanfor_formularen(frame: pl.DataFrame) -> list[tuple[Skal, pl.Series, str]]:
    """(reason, rows, column) for what no questionnaire knows: it could not be counted, so it is told at delivery.

    An unknown questionnaire refuses the delivery. A målgrupp, question or answer that the questionnaire does not have
    is flagged: exports often carry background questions.
    """
    known = formular()
    names = known["enkat"].unique().sort().to_list()
    unknown = frame.filter(pl.col("enkat").is_not_null() & ~pl.col("enkat").is_in(names))
    found: list[tuple[Skal, pl.Series, str]] = []
    for name in unknown["enkat"].unique().sort().to_list():
        skal = Skal(
            "ENK-101", "avvisa_leverans",
            f"Enkäten ”{name}” har inget formulär: svaren kan inte räknas. Kända: {', '.join(names)}.",
            "Rätta enkätens id, eller lägg formuläret i pipelines/sources/enkater/formular/ (kopiera brukare_lokal.yml).",
        )  # fmt: skip
        found.append((skal, unknown.filter(pl.col("enkat") == name)["rad"], "enkat"))
    rows = frame.filter(pl.col("enkat").is_in(names))
    steps = [("malgrupp", "målgrupp"), ("fraga_id", "fråga")]
    answers_given = "svar" in frame.columns  # else ready shares, which need no scale
    outcome = "raden räknas inte" if answers_given else "andelen visas som den är levererad, under frågans id"
    for depth, (column, word) in enumerate(steps, start=1):
        key = ["enkat", *(one for one, _ in steps[:depth])]
        outside = rows.join(known.select(key).unique(), on=key, how="anti")
        text = f"Enkätens formulär har ingen sådan {word}: {outcome}."
        found.append((_flagga("ENK-102", text), outside["rad"], column))
        rows = rows.join(known.select(key).unique(), on=key, how="semi", maintain_order="left")
    if answers_given:
        key = ["enkat", "malgrupp", "fraga_id"]
        answers = pl.concat([
            known.select(*key, pl.col("svar").alias("_svar")),
            known.select(*key, pl.col("svar_text").alias("_svar")),
        ]).with_columns(pl.col("_svar").str.to_lowercase())  # fmt: skip
        told = rows.filter(pl.col("svar").is_not_null()).with_columns(pl.col("svar").str.to_lowercase().alias("_svar"))
        outside = told.join(answers.unique(), on=[*key, "_svar"], how="anti")
        text = "Svaret finns inte i frågans skala: raden räknas inte."
        found.append((_flagga("ENK-103", text), outside["rad"], "svar"))
    return found


def _flagga(regel: str, text: str) -> Skal:
    return Skal(regel, "flagga", text, "Rätta i filen, eller komplettera enkätens formulär.")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise FormularError(f"{path.name}: filen är inte giltig YAML ({error}). Rätta raden som nämns.") from None
    _check(content, "formulär", path.name)
    for group in content["malgrupper"]:
        _check(group, "målgrupp", path.name)
    for scale in content["skalor"].values():
        for answer in scale:
            _check(answer, "svar", path.name)
    for question in content["fragor"]:
        _check(question, "fråga", path.name)
    _check_links(content, path.name)
    return dict(content)


def _check(item: object, slag: str, file: str) -> None:
    if not isinstance(item, dict):
        raise FormularError(f"{file}: {slag} ska vara fält med värden. Jämför med brukare_lokal.yml.")
    missing = sorted(_FALT[slag] - _FRIVILLIGA - item.keys())
    unknown = sorted(item.keys() - _FALT[slag])
    if missing or unknown:
        found = [f"saknar {', '.join(missing)}"] if missing else []
        found += [f"har okänt fält {', '.join(map(str, unknown))}"] if unknown else []
        raise FormularError(f"{file}: {slag} {' och '.join(found)}. Tillåtna fält: {', '.join(sorted(_FALT[slag]))}.")


def _check_links(content: dict[str, Any], file: str) -> None:
    groups = [str(group["id"]) for group in content["malgrupper"]]
    _check_unique(groups, "målgrupp", file)
    _check_unique([str(question["id"]) for question in content["fragor"]], "fråga", file)
    for name, scale in content["skalor"].items():
        _check_unique([str(answer["svar"]) for answer in scale], f"svar i skalan {name}", file)
        if not any(answer.get("positiv", False) for answer in scale):
            raise FormularError(f"{file}: skalan {name} har inget positivt svar. Märk minst ett med positiv: true.")
        if any(answer.get("positiv", False) and not answer.get("i_namnaren", True) for answer in scale):
            raise FormularError(f"{file}: skalan {name} har ett positivt svar utanför nämnaren. Ta bort det ena.")
    for question in content["fragor"]:
        if question["skala"] not in content["skalor"]:
            raise FormularError(f"{file}: fråga {question['id']} pekar på skalan {question['skala']} som inte finns.")
        _check_known(question.get("kolada", {}), groups, f"kolada-id för fråga {question['id']}", file)
    for group in content["malgrupper"]:
        _check_known(group.get("summa_av", []), groups, f"summa_av för {group['id']}", file)
        if ("summa_av" in group) != (group["id"] == TOTALT):
            raise FormularError(f"{file}: målgruppen totalt, och bara den, har summa_av. Se {group['id']}.")


def _check_unique(names: list[str], slag: str, file: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormularError(f"{file}: {slag} {', '.join(twice)} står två gånger. Ta bort den ena.")


def _check_known(used: Any, known: list[str], slag: str, file: str) -> None:
    unknown = sorted(set(used) - set(known))
    if unknown:
        raise FormularError(f"{file}: {slag} nämner målgruppen {', '.join(unknown)} som inte finns i formuläret.")


def _rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    summed = {name for group in content["malgrupper"] for name in group.get("summa_av", [])}
    return [
        {
            "enkat": str(content["enkat"]),
            "titel": content["titel"],
            "malgrupp": group["id"],
            "malgrupp_namn": group["namn"],
            "minst_svarande": group["minst_svarande"],
            "ingar_i_totalt": group["id"] in summed,
            "fraga_id": str(question["id"]),
            "fraga": question["text"],
            "del": question.get("del"),
            "kolada_id": question.get("kolada", {}).get(group["id"]),
            "svar": str(answer["svar"]),
            "svar_text": answer["text"],
            "positiv": answer.get("positiv", False),
            "i_namnaren": answer.get("i_namnaren", True),
            "varde": answer.get("varde"),
        }
        for group in content["malgrupper"]
        for question in content["fragor"]
        for answer in content["skalor"][question["skala"]]
    ]
