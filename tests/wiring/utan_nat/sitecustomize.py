"""Put first on PYTHONPATH: every attempt to look up a host or to connect anywhere ends the process at once, loudly."""

import os
import socket
import sys


def _refuse(*args: object, **kwargs: object) -> None:
    sys.stderr.write(f"NÄTVERK: {args!r}\n")
    sys.stderr.flush()
    os._exit(97)


socket.socket.connect = _refuse  # type: ignore[assignment,method-assign]
socket.socket.connect_ex = _refuse  # type: ignore[assignment,method-assign]
socket.getaddrinfo = _refuse  # type: ignore[assignment]
socket.gethostbyname = _refuse  # type: ignore[assignment]
socket.create_connection = _refuse  # type: ignore[assignment]
