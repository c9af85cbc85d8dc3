"""Fault 88: nobody changes anything through Dagster's page without a login. The shipped nginx file, before the real server."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.cli.visa import lokal
from pipelines.settings import PROJECT_DIR

MUTATION = {"query": "mutation { reloadWorkspace { __typename } }"}


@pytest.mark.parametrize(
    ("vard", "bara_har"),
    [
        ("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.1.2.3", True), ("0.0.0.0", False), ("::", False),  # noqa: S104
        ("192.168.1.5", False), ("tertial.kommunen.example", False), ("", False), ("::ffff:127.0.0.1.x", False),
    ],
)  # fmt: skip
def test_what_only_this_machine_reaches(vard: str, bara_har: bool) -> None:
    assert lokal(vard) is bara_har


def kor(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments]
    own = {key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")}
    return subprocess.run(program, env={**own, **env}, capture_output=True, text=True, check=False, timeout=60)


def test_an_address_others_reach_is_refused_without_the_flag(tmp_path: Path) -> None:
    done = kor("visa", "--vard", "0.0.0.0", TERTIAL_DATA=str(tmp_path))  # noqa: S104
    assert done.returncode == 1
    assert "ingen egen inloggning" in done.stderr and "--utan-skydd" in done.stderr


def ledig() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True)
class Webb:
    """The two servers and the proxy before them."""

    port: int
    bakom: dict[str, int]

    def fraga(
        self, path: str, body: object = None, inloggad: str | None = None, origin: str | None = None
    ) -> tuple[int, str]:
        """(status, body) of one request through the proxy; `inloggad` is "user:password"."""
        headers = {"Content-Type": "application/json"}
        if inloggad is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(inloggad.encode()).decode()
        if origin is not None:
            headers["Origin"] = origin
        return _fraga(f"https://127.0.0.1:{self.port}{path}", body, headers)


def _fraga(url: str, body: object, headers: dict[str, str]) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310
    trust = ssl._create_unverified_context() if url.startswith("https") else None  # noqa: S323  our own certificate
    try:
        with urllib.request.urlopen(request, timeout=60, context=trust) as answer:  # noqa: S310
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(scope="module")
def webb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webb]:
    nginx, openssl = shutil.which("nginx") or shutil.which("/usr/sbin/nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed on this machine")
    root = tmp_path_factory.mktemp("webb")
    port, reader, operator = ledig(), ledig(), ledig()
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run(
        [*make, "-keyout", str(root / "nyckel.pem"), "-out", str(root / "cert.pem")], check=True, capture_output=True
    )
    for name in ("lasare", "drift"):
        digest = subprocess.run([openssl, "passwd", "-apr1", f"hemligt-{name}"], check=True, capture_output=True)
        (root / f"{name}.htpasswd").write_text(f"{name}:{digest.stdout.decode()}")
    conf = (PROJECT_DIR / "deploy" / "nginx-tertial.conf").read_text(encoding="utf-8")
    for shipped, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/tertial/": f"{root}/",
        "/etc/nginx/tertial/": f"{root}/",
        "/var/log/nginx/": f"{root}/",
        "127.0.0.1:3001": f"127.0.0.1:{reader}",
        "127.0.0.1:3000": f"127.0.0.1:{operator}",
    }.items():
        assert shipped in conf
        conf = conf.replace(shipped, here)
    account = "user root;\n" if os.geteuid() == 0 else ""  # else its workers could not enter root's temporary folder
    (root / "nginx.conf").write_text(
        f"{account}pid {root}/nginx.pid;\nerror_log {root}/fel.log;\ndaemon off;\nevents {{}}\nhttp {{\n{conf}\n}}\n"
    )
    own = {key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")}
    own |= {"TERTIAL_DATA": str(root / "data"), "DAGSTER_HOME": str(root / "dagster")}
    own |= {"TERTIAL_DBT_TARGET": str(root / "target")}
    command = [sys.executable, "-c", "from pipelines.cli.app import main; main()", "visa", "--port"]
    started = [
        subprocess.Popen([*command, str(operator), "--prefix", "/drift"], env=own, start_new_session=True),
        subprocess.Popen([nginx, "-c", str(root / "nginx.conf")]),
    ]
    try:
        _vanta(f"http://127.0.0.1:{operator}/drift/server_info")
        started.append(subprocess.Popen([*command, str(reader), "--las"], env=own, start_new_session=True))
        _vanta(f"http://127.0.0.1:{reader}/server_info")
        yield Webb(port, {"drift": operator, "lasare": reader})
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(timeout=30)


def _vanta(url: str) -> None:
    for _ in range(240):
        try:
            if _fraga(url, None, {})[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"{url} never answered")


@pytest.mark.slow
def test_88_an_unauthenticated_mutation_is_refused(webb: Webb) -> None:
    for path in ("/graphql", "/drift/graphql"):
        assert webb.fraga(path, MUTATION)[0] == 401
        assert webb.fraga(path, MUTATION, "lasare:fel")[0] == 401
        assert webb.fraga(path)[0] == 401
    assert webb.fraga("/")[0] == 401


@pytest.mark.slow
def test_88_a_readers_login_is_no_operators(webb: Webb) -> None:
    assert webb.fraga("/drift/graphql", MUTATION, "lasare:hemligt-lasare")[0] == 401
    status, body = webb.fraga("/graphql", MUTATION, "lasare:hemligt-lasare")
    assert (status, json.loads(body)["data"]["reloadWorkspace"]["__typename"]) == (200, "UnauthorizedError")


@pytest.mark.slow
def test_the_operator_gets_through(webb: Webb) -> None:
    status, body = webb.fraga("/drift/graphql", MUTATION, "drift:hemligt-drift")
    assert (status, json.loads(body)["data"]["reloadWorkspace"]["__typename"]) == (200, "Workspace")
    assert webb.fraga("/", None, "lasare:hemligt-lasare")[0] == 200


@pytest.mark.slow
def test_88_another_site_cannot_use_a_logged_in_browser(webb: Webb) -> None:
    body, login = MUTATION, "drift:hemligt-drift"
    assert webb.fraga("/drift/graphql", body, login, origin="https://ond.example")[0] == 403
    assert webb.fraga("/drift/graphql", body, login, origin=f"https://127.0.0.1:{webb.port}.ond.example")[0] == 403
    assert webb.fraga("/drift/graphql", body, login, origin=f"https://127.0.0.1:{webb.port}")[0] == 200


@pytest.mark.slow
def test_the_servers_themselves_listen_on_this_machine_only(webb: Webb) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    for port in webb.bakom.values():
        rows = [line.split() for line in listening.splitlines()[1:] if f":{port:04X} " in line]
        local = {row[1].split(":")[0] for row in rows if len(row) > 3 and row[3] == "0A" and row[1].endswith(f":{port:04X}")}  # fmt: skip
        assert local == {"0100007F"}
