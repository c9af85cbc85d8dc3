"""The access log: append-only, chained, torn lines mended, every tampering found that can be found."""

from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import MASK, TertialError
from pipelines.sekretess.logg import Ankare, huvud, logga, verifiera
from tests.unit.identiteter import nummer


@pytest.fixture
def logg(tmp_path: Path) -> Path:
    fil = tmp_path / "atkomst.jsonl"
    for nr in range(5):
        logga(fil, "kor", {"period": f"2026-0{nr + 1}", "rader": nr}, vem="anna")
    return fil


def varfor(fil: Path, *ankare: Ankare) -> str:
    return "; ".join(f"{brott.rad}: {brott.varfor}" for brott in verifiera(fil, ankare).brott)


def test_what_a_line_says(logg: Path) -> None:
    poster = [json.loads(rad) for rad in logg.read_text().splitlines()]
    assert [post["nr"] for post in poster] == [1, 2, 3, 4, 5]
    assert [post["foreg"] for post in poster] == ["0" * 64] + [post["hash"] for post in poster[:-1]]
    assert (poster[0]["vem"], poster[0]["vad"], poster[0]["param"]) == (
        "anna",
        "kor",
        {"period": "2026-01", "rader": 0},
    )
    assert poster[0]["tid"].endswith("+00:00")
    assert stat.S_IMODE(logg.stat().st_mode) == 0o600
    assert huvud(logg) == Ankare(5, poster[-1]["hash"])
    assert verifiera(logg).hel
    assert verifiera(logg).rader == 5


def test_the_account_is_the_operating_systems(tmp_path: Path) -> None:
    import os
    import pwd

    logga(tmp_path / "l", "explain")
    assert json.loads((tmp_path / "l").read_text())["vem"] == pwd.getpwuid(os.geteuid()).pw_name


def test_personal_values_are_masked(tmp_path: Path) -> None:
    from datetime import date

    kanarie = nummer(date(2001, 2, 3))
    logga(tmp_path / "l", f"explain {kanarie}", {"nyckel": kanarie, kanarie: 1, "tal": int(kanarie)}, vem=kanarie)
    text = (tmp_path / "l").read_text()
    assert kanarie not in text
    assert text.count(MASK) == 5


def test_an_empty_or_missing_log_is_whole(tmp_path: Path) -> None:
    assert verifiera(tmp_path / "l").hel
    assert huvud(tmp_path / "l") is None


@given(st.data())
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    fil = tmp_path_factory.mktemp("logg") / "l"
    for nr in range(3):
        logga(fil, "kor", {"nr": nr}, vem="å")
    innehall = bytearray(fil.read_bytes())
    plats = data.draw(st.integers(0, len(innehall) - 1))
    innehall[plats] ^= data.draw(st.integers(1, 255))
    fil.write_bytes(innehall)
    assert not verifiera(fil).hel


@pytest.mark.parametrize(
    ("ordning", "vantat"),
    [
        ([0, 1, 3, 4], "borttaget"),
        ([1, 2, 3, 4], "borttaget"),
        ([0, 2, 1, 3, 4], "omflyttat"),
        ([0, 1, 1, 2, 3, 4], "tillagt"),
        ([0, 1, 2, 3], "slutar före rad nummer 5"),
        ([], "slutar före rad nummer 5"),
    ],
)
def test_removed_reordered_repeated_and_cut_lines_are_found(logg: Path, ordning: list[int], vantat: str) -> None:
    rader = logg.read_bytes().splitlines(keepends=True)
    logg.write_bytes(b"".join(rader[nr] for nr in ordning))
    assert vantat in varfor(logg)


def test_a_rewritten_line_breaks_at_the_next_even_with_its_own_hash_right(tmp_path: Path, logg: Path) -> None:
    annan = tmp_path / "annan"
    for nr in range(5):
        logga(annan, "kor", {"rader": 9 if nr == 2 else nr}, vem="anna")
    rader, andra = logg.read_bytes().splitlines(keepends=True), annan.read_bytes().splitlines(keepends=True)
    logg.write_bytes(b"".join([*rader[:2], andra[2], *rader[3:]]))
    assert varfor(logg).startswith("3: ")


def test_a_log_rewritten_whole_with_its_head_is_found_only_by_an_anchor_out_of_reach(logg: Path) -> None:
    ankare = huvud(logg)
    assert ankare is not None
    logg.unlink()
    logg.with_name("atkomst.jsonl.huvud").unlink()
    for nr in range(7):
        logga(logg, "kor", {"rader": nr + 1}, vem="eva")
    assert verifiera(logg).hel, "the documented limit: without an anchor this cannot be seen"
    assert "rad nummer 5 är en annan" in varfor(logg, ankare)


def test_a_missing_or_damaged_head_is_told(logg: Path) -> None:
    hjalp = logg.with_name("atkomst.jsonl.huvud")
    hjalp.write_text("{}")
    assert "skadad" in varfor(logg)
    hjalp.unlink()
    assert "saknas" in varfor(logg)


@pytest.mark.parametrize("kvar", [1, 20, 100, -2, -1])
def test_a_line_torn_by_a_crash_is_mended_and_told(logg: Path, kvar: int) -> None:
    """kvar = bytes of the last line that reached the disk; -1 = all but its line end."""
    fore, sista = logg.read_bytes().splitlines(keepends=True)[:-1], logg.read_bytes().splitlines(keepends=True)[-1]
    logg.write_bytes(b"".join([*fore, sista[:kvar]]))
    logg.with_name("atkomst.jsonl.huvud").write_text(json.dumps({k: json.loads(fore[-1])[k] for k in ("nr", "hash")}))
    assert "avbruten" in varfor(logg)
    logga(logg, "kor", {"efter": "kraschen"}, vem="anna")
    assert verifiera(logg).hel, varfor(logg)
    poster = [post for post in logg.read_text().splitlines() if '"reparation"' in post]
    assert len(poster) == (0 if kvar == -1 else 1)
    if kvar != -1:
        logg.write_bytes(logg.read_bytes().replace(sista[:kvar] + b"\n", b"", 1) if kvar > 1 else b"".join(fore))
        assert not verifiera(logg).hel


def test_a_crash_between_line_and_head_is_no_breach(logg: Path) -> None:
    hjalp = logg.with_name("atkomst.jsonl.huvud")
    gammal = hjalp.read_bytes()
    logga(logg, "kor", vem="anna")
    hjalp.write_bytes(gammal)
    assert verifiera(logg).hel


def test_a_foreign_last_line_stops_the_next_append(logg: Path) -> None:
    with logg.open("ab") as fil:
        fil.write(b"hej\n")
    with pytest.raises(TertialError, match="inte skriven av Tertial"):
        logga(logg, "kor")
    assert "6: raden är ändrad" in varfor(logg)


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path / "mal")
    with pytest.raises(TertialError, match="kan inte öppnas"):
        logga(tmp_path / "l", "kor")
    assert not (tmp_path / "mal").exists()


def _skriv_manga(fil: Path) -> None:
    for nr in range(20):
        logga(fil, "kor", {"nr": nr})


def test_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    fil = tmp_path / "l"
    processer = [multiprocessing.get_context("fork").Process(target=_skriv_manga, args=(fil,)) for _ in range(3)]
    for process in processer:
        process.start()
    for process in processer:
        process.join()
        assert process.exitcode == 0
    assert verifiera(fil).hel
    assert verifiera(fil).rader == 60
