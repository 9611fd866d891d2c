# shellcheck shell=bash
# What every script shares: where the project lies, how it speaks, and how it passes signals on.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# The value of a setting: the environment's, else the one in .env; nothing where neither has one.
setting() {
  local value=${!1:-}
  if [ -z "$value" ] && [ -f "$ROOT/.env" ]; then
    value=$(sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*(.*)$/\2/p" "$ROOT/.env" | head -n 1)
    value=${value%%[[:space:]]#*}
    value=$(printf '%s' "$value" | sed -E "s/[[:space:]]+$//; s/^\"(.*)\"$/\1/; s/^'(.*)'$/\1/")
  fi
  printf '%s' "$value"
}

target_dir() {
  cargo metadata --no-deps --format-version 1 --locked |
    sed -nE 's/.*"target_directory":"([^"]*)".*/\1/p'
}

# The walk of the README, as it is written.
readme_walk() {
  awk '/^<!-- walk -->/ { found = 1; next } found && /^```/ { if (open) exit; open = 1; next } open' "$ROOT/README.md"
}

# Runs a command in a process group of its own and hands signals on to all of it. Bash alone would keep a SIGTERM to
# itself until the command is done, and a command in the background would ignore Ctrl-C. Locks (8, 9) stay here.
supervise() {
  local child status=0
  set -m
  "$@" </dev/null 8>&- 9>&- &
  child=$!
  set +m
  trap 'kill -INT -- "-$child" 2>/dev/null || true' INT
  trap 'kill -TERM -- "-$child" 2>/dev/null || true' TERM HUP
  # A signal cuts a wait short; only when the child is gone does wait tell how it ended.
  while kill -0 "$child" 2>/dev/null; do
    wait "$child" || true
  done
  wait "$child" || status=$?
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  return "$status"
}
