# shellcheck shell=bash
# Sourced by every script: settings of the shell, messages, the server's build, signals and the count of tests.
set -euo pipefail

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
cd "$ROOT"
# The crate of the program `repower` and of the black-box tests.
SERVER_CRATE=repower

. scripts/needs.sh

trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# Sets SCRATCH to a new folder, which is removed when the script ends.
make_scratch() {
  SCRATCH=$(mktemp -d)
  trap 'rm -rf "$SCRATCH"' EXIT
}

# Prints the value of a setting: the environment's, else the one in .env, else nothing.
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -f .env ]; then
    value=$(sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*(.*)$/\2/p" .env | head -n 1)
    value=$(printf '%s' "${value%%[[:space:]]#*}" | sed -E "s/[[:space:]]+$//; s/^\"(.*)\"$/\1/; s/^'(.*)'$/\1/")
  fi
  printf '%s' "$value"
}

target_dir() {
  cargo metadata --no-deps --format-version 1 --locked | sed -nE 's/.*"target_directory":"([^"]*)".*/\1/p'
}

# build_server debug|release: exports REPOWER_BIN, the built program. The caller's own REPOWER_BIN is kept.
build_server() {
  local flag=
  [ "$1" = debug ] || flag=--release
  if [ -z "${REPOWER_BIN:-}" ]; then
    supervise cargo build --locked --package "$SERVER_CRATE" --bin repower $flag
    REPOWER_BIN=$(target_dir)/$1/repower
  fi
  export REPOWER_BIN
}

# Runs a command in a process group of its own and passes signals on to the group. Bash alone would delay a SIGTERM until the
# command ends, and a background command would ignore Ctrl-C. The command does not inherit the locks (8, 9).
supervise() {
  local child status=0
  set -m
  "$@" </dev/null 8>&- 9>&- &
  child=$!
  set +m
  trap 'kill -INT -- "-$child" 2>/dev/null || true' INT
  trap 'kill -TERM -- "-$child" 2>/dev/null || true' TERM HUP
  # A signal interrupts `wait`; after the child's end, `wait` returns its status.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child" || true
  done
  wait "$child" || status=$?
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  return "$status"
}

# count_tests LOG STATUS: prints "N passed, N failed" from what cargo and Node.js wrote, and exits with the status.
count_tests() {
  local passed failed status=$2
  read -r passed failed < <(awk '/^test result: / { passed += $4; failed += $6 } /^# pass / { passed += $3 }
    /^# (fail|cancelled) / { failed += $3 } END { print passed + 0, failed + 0 }' "$1")
  if [ "$passed" = 0 ] && [ "$status" = 0 ]; then
    say "error: no test ran"
    status=1
  fi
  printf '%s passed, %s failed\n' "$passed" "$failed"
  exit "$status"
}
