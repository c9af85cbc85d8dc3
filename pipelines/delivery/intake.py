"""New files of one source into the lake and the ledger: known files are skipped, the others read, refused or accepted.

Order of writing, so that a kill at any point loses nothing and doubles nothing: rows (Parquet) and error list first,
the manifest last. What has no manifest does not exist, and the next run does it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

import polars as pl

from pipelines import durable, settings
from pipelines.contracts.begrepp import Tabell
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import Contract
from pipelines.delivery import avvisning, errorlist, lake
from pipelines.delivery.found import Funnen, find
from pipelines.delivery.lasprocess import Lasprocess, Uppdrag
from pipelines.delivery.ledger import Ledger
from pipelines.delivery.manifest import Manifest, TabellPost
from pipelines.delivery.overspelad import Overspelad, har_legat, overspelade
from pipelines.errors import DeliveryRefused, Fel
from pipelines.katalog.kommuner import Kommun, uppslag
from pipelines.reading.leverans import read_delivery
from pipelines.reading.source_file import Kallfil, bilda_leverans_id, las_fil
from pipelines.reading.utfall import LastLeverans
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.settings import Arbetsyta, Konfig
from pipelines.sources.ekonomi.lasare import SieLasare

SAMTIDIGA = (
    2  # files read at a time: Polars, DuckDB and child processes share no lock, and large files have `Lasprocess`
)
SAMTIDIGA_BYTES = 128 << 20  # of files in memory beside each other; a larger one is read alone


@dataclass(frozen=True, slots=True)
class Inlast:
    """What one call did: new manifests (accepted and refused), and how many files were known already.

    overspelade: files delivered again with the content of a delivery that a later one had replaced by then.
    """

    nya: list[Manifest]
    kanda: int
    overspelade: list[Overspelad]


def read_new(
    yta: Arbetsyta,
    contract: Contract,
    *,
    konfig: Konfig,
    kommuner: Mapping[str, Kommun],
    nyckel: Nyckel | None,
    idag: date,
    done: Callable[[str], None],
) -> Inlast:
    """Read every file of `contract.kalla` in raw/ that the ledger does not know under this contract."""
    ledger = Ledger(yta.lake)
    durable.sweep(yta.lake / "_leveranser")
    since = har_legat(durable.restricted_dir(yta.lake))
    for table in contract.tabeller:
        durable.sweep(yta.lake / table.namn)
    known = {one.leverans_id: one for one in ledger.manifests()}
    found, _ = find(yta.raw, {contract.kalla}, set(kommuner))
    reader = Lasare(yta, contract, konfig, kommuner, nyckel, idag)
    new: list[Manifest] = []
    skipped = 0
    order = max((one.ordning for one in known.values()), default=-1) + 1
    second = Lasprocess(Uppdrag(yta, contract.kalla, konfig, kommuner, nyckel is not None, idag))
    for one, manifest in _in_order(reader, second, found, known):
        done(one.namn)
        if manifest is None:
            skipped += 1
            continue
        new.append(replace(manifest, ordning=order + len(new)))
        known[manifest.leverans_id] = new[-1]  # the same bytes under a second name are no second delivery
    new = [avvisning.vid_motsagelse(manifest, new) for manifest in new]
    for manifest in new:
        if manifest.status == "avvisad":
            for table in contract.tabeller:
                (yta.lake / table.namn / f"{manifest.leverans_id}.parquet").unlink(missing_ok=True)
        errorlist.write(yta.fel, manifest)
        settings.krasch("fellista_skriven")
        ledger.write(manifest)
        settings.krasch("liggare_skriven")
    return Inlast(new, skipped, list(overspelade(reader.kanda, ledger.manifests(), since)))


def _in_order(
    reader: Lasare, second: Lasprocess, found: Iterable[Funnen], known: Mapping[str, Manifest]
) -> Iterator[tuple[Funnen, Manifest | None]]:
    """Every file with its manifest (None: the ledger knows it), in the order of `found`, two being read at a time.

    What a file is depends on `known`, which the caller fills as answers come: a file with the same bytes as one that
    is still being read waits for it. So does one that would make the files in memory too large.
    """

    def read(one: Funnen, file: Kallfil) -> Manifest:
        return second.las(one, file) or reader.read(one, file)

    with second, ThreadPoolExecutor(SAMTIDIGA) as pool:
        waiting: deque[tuple[Funnen, Kallfil, Future[Manifest]]] = deque()

        def oldest() -> tuple[Funnen, Manifest]:
            one, _, answer = waiting.popleft()
            return one, answer.result()

        for one in found:
            file = reader.open(one)
            while waiting and (
                not isinstance(file, Kallfil)
                or len(waiting) > SAMTIDIGA
                or any(other.sha256 == file.sha256 for _, other, _ in waiting)
                or file.storlek + sum(other.storlek for _, other, _ in waiting) > SAMTIDIGA_BYTES
            ):
                yield oldest()
            settled = reader.settled(one, file, known)
            if isinstance(settled, Kallfil):
                waiting.append((one, settled, pool.submit(read, one, settled)))
                continue
            while waiting:
                yield oldest()
            yield one, settled
        while waiting:
            yield oldest()


class Lasare:
    """Reads one found file into a manifest, with its rows already in the lake."""

    def __init__(
        self,
        yta: Arbetsyta,
        contract: Contract,
        konfig: Konfig,
        kommuner: Mapping[str, Kommun],
        nyckel: Nyckel | None,
        idag: date,
    ) -> None:
        self._yta = yta
        self._contract = contract
        self._konfig = konfig
        self._spellings = uppslag(kommuner)
        self._key = nyckel
        self._pseudonymiserare = None if nyckel is None else Pseudonymiserare(nyckel)
        self._today = idag
        self.kanda: list[tuple[Funnen, Manifest]] = []  # files whose bytes were accepted before

    def open(self, found: Funnen) -> Kallfil | tuple[Fel, ...]:
        """The file's bytes, or why they are not to be had."""
        if found.mappfel is not None:
            return (avvisning.fel_mapp(found),)
        try:
            return las_fil(found.path, rot=self._yta.raw)
        except DeliveryRefused as refusal:
            return refusal.fel

    def settled(
        self, found: Funnen, file: Kallfil | tuple[Fel, ...], known: Mapping[str, Manifest]
    ) -> Kallfil | Manifest | None:
        """What can be said without reading: a refusal, None when the ledger knows the file, else the file to `read`."""
        if not isinstance(file, Kallfil):
            return self._unread(found, known, file)
        same = [one for one in known.values() if one.sha256 == file.sha256 and one.kalla == self._contract.kalla]
        if elsewhere := [one for one in same if avvisning.for_annan(one, found)]:
            refused = self._refused(found, file, (avvisning.last_for_annan(found, elsewhere[0]),))
            return None if avvisning.redan(refused, known) else refused
        staying = [one for one in same if self._stays(one)]
        self.kanda += [(found, one) for one in staying if one.status == "godkand"]
        return None if staying else file

    def read(self, found: Funnen, file: Kallfil) -> Manifest:
        """A manifest without its final `ordning`; accepted rows lie in the lake."""
        settings.krasch("fil_last")
        try:
            read, sie = self._parse(found, file)
            avvisning.prova_period(found.namn, found.manad, read)
        except DeliveryRefused as refusal:
            return self._refused(found, file, refusal.fel)
        return self._accepted(found, file, read, sie)

    def _stays(self, manifest: Manifest) -> bool:
        """Whether a known file stays as it is: accepted, or refused under the same contract and key state."""
        if manifest.status == "godkand":
            return True
        key = None if self._key is None else self._key.fingeravtryck
        return (
            manifest.kontrakt_fingeravtryck == self._contract.fingeravtryck
            and manifest.nyckel_fingeravtryck == key
            and not any(fel["regel"] in {"FIL-050", "FIL-016"} for fel in manifest.fel)
        )

    def _parse(self, found: Funnen, file: Kallfil) -> tuple[LastLeverans, SieLasare]:
        stated = found.kommun_kod or self._konfig.kommun_kod
        sie = SieLasare(self._konfig.sie_dimensioner(stated or ""))
        read = read_delivery(
            file.data,
            self._contract,
            fil=file.namn,
            pseudonymiserare=self._pseudonymiserare,
            idag=self._today,
            kommun_kod=stated,
            kommuner=self._spellings,
            formatlasare=sie.som_lasare(),
        )
        if read.kommun_kod is None:
            raise DeliveryRefused(avvisning.utan_kommun(found))
        return read, sie

    def _accepted(self, found: Funnen, file: Kallfil, read: LastLeverans, sie: SieLasare) -> Manifest:
        posts = {}
        for name, table in read.tabeller.items():
            rows = table.rader.with_columns(lake.scope_key(table.tabell)).select(list(lake_schema(table.tabell)))
            parquet, digest = lake.write_rows(self._yta.lake, table.tabell, read.leverans_id, rows)
            settings.krasch("lake_skriven")
            months = _per_month(rows, table.tabell)
            posts[name] = TabellPost(
                parquet=parquet,
                sha256=digest,
                rader=table.lasta,
                godkanda=table.godkanda,
                avvisade=table.avvisade,
                omfattningar=tuple(sorted(rows["omfattning"].unique().to_list())),
                summor={column: str(value) for column, value in table.summor.items()},
                manader=months,
                antal={} if months else dict(rows.group_by("omfattning").len().sort("omfattning").rows()),
            )
        return replace(
            self._manifest(found, file, read.leverans_id),
            kommun_kod=read.kommun_kod,
            status="godkand",
            format=read.format,
            layout=read.layout,
            kodning=read.teckenkod,
            period_fran=None if read.period_fran is None else read.period_fran.isoformat(),
            period_till=None if read.period_till is None else read.period_till.isoformat(),
            tabeller=posts,
            fel=tuple(one.as_dict() for one in (*read.fel, *read.flaggor)),
            noter=(*read.noter, *sie.noter),
            kontroller=tuple(_totals(read)) + tuple(_sie_checks(sie)),
        )

    def _refused(self, found: Funnen, file: Kallfil | None, fel: tuple[Fel, ...]) -> Manifest:
        if file is None:  # never opened: its name stands in
            marker = f"olast{sha256(found.namn.encode()).hexdigest()[:7]}"
            named = f"{found.kalla}-{found.kommun_kod or '0000'}-{marker}"
        else:
            named = bilda_leverans_id(found.kalla, found.kommun_kod, file.sha256)
        return replace(
            self._manifest(found, file, named),
            status="avvisad",
            fel=tuple(one.as_dict() for one in fel),
        )

    def _unread(self, found: Funnen, known: Mapping[str, Manifest], fel: tuple[Fel, ...]) -> Manifest | None:
        """A file that was never opened; None when the ledger says exactly that already."""
        refused = self._refused(found, None, fel)
        return None if avvisning.redan(refused, known) else refused

    def _manifest(self, found: Funnen, file: Kallfil | None, leverans_id: str) -> Manifest:
        return Manifest(
            leverans_id=leverans_id,
            kalla=found.kalla,
            kommun_kod=found.kommun_kod,
            fil=found.namn,
            sha256="" if file is None else file.sha256,
            storlek=0 if file is None else file.storlek,
            mottagen=settings.nu(),
            ordning=-1,
            status="avvisad",
            format=None,
            layout=None,
            kodning=None,
            period_fran=None,
            period_till=None,
            uttagen=found.uttagen,
            kontrakt_version=self._contract.version,
            kontrakt_fingeravtryck=self._contract.fingeravtryck,
            nyckel_fingeravtryck=None if self._key is None else self._key.fingeravtryck,
        )


def _per_month(rows: pl.DataFrame, tabell: Tabell) -> dict[str, dict[str, int]]:
    """Accepted rows per scope and month of a year's table, to see what a later delivery leaves out; not of persons."""
    if rows.schema.get("manad") != pl.Int64 or any(one.personlig for one in tabell.kolumner):
        return {}
    counted = (
        rows.group_by("omfattning", pl.col("manad").cast(pl.String).fill_null("")).len().sort("omfattning", "manad")
    )
    found: dict[str, dict[str, int]] = {}
    for scope, month, number in counted.iter_rows():
        found.setdefault(scope, {})[month] = number
    return found


def _totals(read: LastLeverans) -> Iterator[dict[str, str]]:
    """Totals printed in the file against the rows they stand under."""
    for total in read.kontrollsummor:
        yield {
            "regel": "LEV-019",
            "tabell": total.tabell,
            "cell": f"{total.text}, {total.kolumn}",
            "plats": f"rad {total.rad}",
            "text": f"Summan i filen ({total.text}, {total.kolumn}) ska vara lika med raderna den summerar.",
            "tryckt": str(total.tryckt),
            "beraknat": str(total.beraknad),
            "status": "godkand" if total.stammer else "avviker",
        }


def _sie_checks(sie: SieLasare) -> Iterator[dict[str, str | None]]:
    """What a SIE file says of itself (balances, checksum, vouchers), as recorded checks."""
    for check in sie.kontroller:
        yield {
            "regel": "LEV-SIE",
            "tabell": "ekonomi",
            "cell": check.namn,
            "plats": "",
            "text": f"{check.namn}: {check.detail}",
            "tryckt": None if check.differens is None else str(check.differens),
            "beraknat": None if check.differens is None else "0",
            "status": check.status,
        }
