# Sourced by the scripts beside it: finds Python, makes .venv, installs what is missing.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=${SHIPPER_VENV:-$ROOT/.venv}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  echo "error: no Python >= 3.11 with the venv module was found" >&2
  echo "  next:  install python3 and python3-venv, or set PYTHON=/path/to/python3.12" >&2
  exit 3
}

# ensure_installed EXTRA: an editable install in .venv, repeated only when pyproject.toml or the extra changed.
ensure_installed() {
  local extra=$1 stamp want python
  stamp=$VENV/.installed-$extra
  want=$(cksum <"$ROOT/pyproject.toml")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -x "$VENV/bin/shipper" ] && return
  if [ ! -x "$VENV/bin/python" ]; then
    python=$(find_python)
    echo "making a virtual environment with $("$python" --version)" >&2
    "$python" -m venv "$VENV"
  fi
  echo "installing ecs-shipper[$extra] (the first time takes a minute or two)" >&2
  local attempt quiet=--quiet
  [ -t 2 ] && quiet='' # pip's own progress bars
  for attempt in 1 2 3; do
    if "$VENV/bin/pip" install --disable-pip-version-check $quiet --retries 5 --editable "$ROOT[$extra]"; then
      printf '%s\n' "$want" >"$stamp"
      return
    fi
    echo "the installation broke (attempt $attempt of 3)" >&2
    sleep $((attempt * 3))
  done
  echo "error: the packages could not be installed" >&2
  echo "  next:  read pip's message above; check the network and run this script again" >&2
  exit 3
}
