"""Which format some bytes are: decided by the bytes, never by the file's name.

Formats that can never be a delivery (HTML in disguise, PDF, encrypted workbook, archive) are refused here with their
true reason. How each format is read stands in its own module.
"""

from __future__ import annotations

import re
from typing import Literal

from pipelines.reading.fynd import refusal

Format = Literal["text", "xlsx", "xls", "sie", "sie5", "yaml", "json"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(rb"^\s*(<!doctype\s+html|<html|<head|<table|<meta|<body|<div|<style|<script)", re.IGNORECASE)
_YAML_KOMMENTAR = re.compile(rb"\A(?:[ \t]*(?:#[^\n]*)?\r?\n)+")
_NYCKEL = rb"[A-Za-z_\x80-\xff\"'][A-Za-z_0-9\x80-\xff\"' /.-]*:(\s|$)"  # also "Mål-id": 1
_YAML = re.compile(rb"^(---|- &|(- )?" + _NYCKEL + rb")")
_YAML_RAD = re.compile(_NYCKEL + rb"|-(\s|$)|[ #%\]}]|---|\.\.\.|$")
_SIE = re.compile(rb"^\s*#FLAGGA\b", re.IGNORECASE)
_SIE_RECORD = re.compile(
    rb"^\s*#(SIETYP|FORMAT|PROGRAM|GEN|FNAMN|ORGNR|RAR|KONTO|PSALDO|RES|VER|KSUMMA)\b", re.IGNORECASE
)


def kann_igen(data: bytes, fil: str) -> Format:
    """The format of `data`; DeliveryRefused (FIL-003, FIL-017) when it cannot be a delivery."""
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise refusal(
            "FIL-003",
            fil,
            "Filen är tom.",
            "Exportera på nytt. Är perioden utan ärenden: leverera ingen fil, och låt den som sköter Tertial veta det.",
        )
    head = data[:4096]
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data, fil)
    if data.startswith(_OLE):
        return _ole(data, fil)
    if data.startswith(b"%PDF"):
        raise _wrong(fil, "en PDF")
    if data.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise _wrong(fil, "ett komprimerat arkiv")
    if data.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00\x04\x00")):
        raise _wrong(fil, "ett arbetsblad i ett Excelformat från före 1997")
    plain = _as_ascii(head)
    if _HTML.match(plain):
        raise refusal(
            "FIL-017", fil, "Filen är en webbsida (HTML) som fått ett annat filnamn, ofta en inloggningssida eller en rapportvy.",
            "Exportera som CSV eller XLSX ur systemet, inte ”spara sidan som”.",
        )  # fmt: skip
    if plain.lstrip().startswith(b"<"):
        if re.search(rb"<(\w+:)?Sie\b", plain):
            return "sie5"
        if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
            raise _wrong(fil, "ett kalkylblad i formatet XML 2003")
        raise _wrong(fil, "en XML-fil")
    if _SIE.match(plain):
        return "sie"
    if _SIE_RECORD.match(plain):
        raise refusal(
            "FIL-017", fil, "Filen ser ut som en SIE-fil men börjar inte med #FLAGGA: början saknas eller är ändrad.",
            "Exportera filen igen ur ekonomisystemet; redigera den inte för hand.",
        )  # fmt: skip
    stripped = plain.lstrip()
    if stripped.startswith((b"[", b"{")) and re.match(rb'^[\[{]\s*(["{\[\]}]|$)', stripped):
        return "json"
    stripped = _YAML_KOMMENTAR.sub(b"", stripped)
    if _YAML.match(stripped) and _only_yaml(stripped, whole=len(data) <= len(head)):
        return "yaml"
    return "text"


def _only_yaml(text: bytes, *, whole: bool) -> bool:
    """Whether every line could stand in a document: "Urval: 2025" is also a report's title, above rows that could not."""
    lines = [one.rstrip() for one in text.splitlines()]
    lines = lines if whole else lines[:-1]
    return not any(sep in lines[0] for sep in (b";", b"\t")) and all(_YAML_RAD.match(one) for one in lines)


def _wrong(fil: str, what: str) -> Exception:
    return refusal("FIL-017", fil, f"Filen är {what}, inte en fil som kan läsas.", "Exportera som CSV eller XLSX.")


def _as_ascii(head: bytes) -> bytes:
    """The first bytes without byte order mark, and without the zero bytes of UTF-16, for looking at."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[2:].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf")


def _zip(data: bytes, fil: str) -> Format:
    if b"xl/workbook" in data or b"[Content_Types].xml" in data[:4096]:
        return "xlsx"
    if b"opendocument.spreadsheet" in data[:4096]:
        raise _wrong(fil, "ett kalkylblad i OpenDocument-format")
    raise _wrong(fil, "en zip-fil")


def _ole(data: bytes, fil: str) -> Format:
    """OLE container: an .xls, or an encrypted .xlsx (both under the same first bytes)."""
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        raise refusal(
            "FIL-017",
            fil,
            "Arbetsboken är lösenordsskyddad.",
            "Spara den utan lösenord och leverera den genom den säkra mappen.",
        )
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return "xls"
    raise _wrong(fil, "ett dokument i ett äldre Office-format")
