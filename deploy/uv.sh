#!/bin/sh
# Prints the path of a usable uv, installing the pinned one into .uv/ when there is none.
# Needs only Python 3.11; no venv module, no pip beforehand (then Debian's own package is asked for, if root).
set -eu
VERSION=0.13.9
here=$(cd "$(dirname "$0")/.." && pwd)
own="$here/.uv/bin/uv"
if [ -x "$own" ] && "$own" --version >/dev/null 2>&1; then echo "$own"; exit 0; fi
if command -v uv >/dev/null 2>&1; then command -v uv; exit 0; fi
python=${PYTHON:-python3}
if ! "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m ensurepip --user >/dev/null 2>&1 || {
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            echo "pip saknas: installerar Debians paket python3-pip ..." >&2
            apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-pip >&2
        else
            echo "pip saknas. Installera det (Debian: sudo apt-get install python3-pip) och kör igen." >&2
            exit 1
        fi
    }
fi
# --target keeps out of the system's Python (PEP 668 forbids only the system's own folders)
"$python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
    --target "$here/.uv" --upgrade "uv==$VERSION" >&2
echo "$own"
