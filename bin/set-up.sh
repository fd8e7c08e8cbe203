# Sourced by bin/run and bin/test: brings a bare machine to where manage.py runs.
# Needs Python 3.11 or later. As root it installs Debian packages that are missing; otherwise it names them.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONUNBUFFERED=1
started=$SECONDS
work=$(mktemp -d "${TMPDIR:-/tmp}/resolve-XXXXXX")
child=

say() { printf '%s\n' "$*"; }
stop() { say "$*" >&2; exit 1; }

clean_up() {
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command, with its output in a file, a dot every two seconds, and the file shown when it fails.
busy() {
  local what=$1 begun=$SECONDS
  shift
  printf '%s ' "$what"
  "$@" >"$work/output" 2>&1 </dev/null &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      sleep 0.2
      kill -0 "$child" 2>/dev/null || break
    done
    printf '.'
  done
  if wait "$child"; then
    child=
    printf ' %d s\n' $((SECONDS - begun))
  else
    child=
    printf ' failed\n'
    tail -n 15 "$work/output" >&2
    return 1
  fi
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -qq --no-install-recommends "$@" ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; }
}

# Debian packages: sets `missing` to those that are still not there afterwards.
need_packages() {
  missing=
  command -v dpkg-query >/dev/null || return 0
  local name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086
    busy "Installing$missing" apt_install $missing && missing=
  fi
  return 0
}

find_python() {
  local name
  for name in "${PYTHON:-}" python3.11 python3 python3.12 python3.13; do
    [ -n "$name" ] && command -v "$name" >/dev/null || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    python=$name
    return 0
  done
  stop "Python 3.11 or later is needed and was not found."
}

# Installs the given requirement files under the name given first, unless these very files are installed already.
install_python() {
  local what=$1 files=() name stamp
  shift
  for name in "$@"; do files+=(-r "$name"); done
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    find_python
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      need_packages python3-venv
      [ -z "$missing" ] || stop "Python cannot make a virtual environment here. Install it: sudo apt-get install python3-venv"
    fi
    rm -rf .venv
    busy "Making .venv" "$python" -m venv .venv || stop "The virtual environment could not be made."
  fi
  # A file for each set, so that bin/run after bin/test finds its own done.
  stamp=.venv/installed-$(cat "$@" | cksum | tr ' ' '-')
  [ -e "$stamp" ] && return 0
  busy "Installing $what" .venv/bin/python -m pip install --disable-pip-version-check --require-hashes "${files[@]}" ||
    stop "Could not be installed: $what."
  touch "$stamp"
}

install_node_if_absent() {
  npm --version >/dev/null 2>&1 && return 0
  install_python "Node" requirements-node.txt
}
