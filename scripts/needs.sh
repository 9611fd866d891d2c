# shellcheck shell=bash
# What the project needs from the machine: found, or installed where that is possible, or told in one line.

TOOLS=$ROOT/.tools
DIESEL_CLI_VERSION=2.3.14
CARGO_DENY_VERSION=0.20.2
CARGO_SEMVER_CHECKS_VERSION=0.51.0
SCHEMATHESIS_VERSION=4.32.5
OLDEST_POSTGRES=15
OLDEST_NODE=1819
OLDEST_PYTHON=311

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_apt() {
  has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }
}

# Two runs at once must not both install; whoever comes second finds the work done.
alone() {
  mkdir -p "$TOOLS"
  has flock || die "flock is missing: install util-linux (Debian) or 'brew install flock' (macOS)"
  (
    flock 7
    "$@"
  ) 7>"$TOOLS/lock"
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 "$@" </dev/null 7>&-; }

# The package lists are fetched only where there are none, or stale ones.
apt_install() {
  local log
  log=$(mktemp)
  say "installing $*"
  if ! apt install --no-install-recommends "$@" >"$log" 2>&1 &&
    ! { apt update && apt install --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    die "could not install $*"
  fi
  rm -f "$log"
}

# need_package CHECK NAME PACKAGE...: installs the packages where the check fails; NAME is what a person calls it.
need_package() {
  local check=$1 name=$2
  shift 2
  if $check; then return; fi
  can_apt || die "$name is missing: install it (on Debian: apt-get install $*)"
  alone install_unless "$check" "$@"
  $check || die "$name is still missing after installing $*"
}

install_unless() {
  local check=$1
  shift
  $check || apt_install "$@"
}

need_command() {
  need_package "has $1" "$1" "${2:-$1}"
}

libpq_there() {
  if has pkg-config && pkg-config --exists libpq; then return; fi
  local dir
  dir=$(pg_config --libdir 2>/dev/null) || return 1
  [ -e "$dir/libpq.so" ] || [ -e "$dir/libpq.dylib" ] || [ -e "$dir/libpq.a" ]
}

compiler_there() {
  has cc && printf '#include <stdlib.h>\n' | cc -E - >/dev/null 2>&1
}

need_cargo() {
  local pinned toolchain
  has cargo || die "cargo is missing: install the Rust toolchain from https://rustup.rs"
  cd "$ROOT" || die "cannot enter $ROOT"
  if cargo --version >/dev/null 2>&1; then return; fi
  # The pinned version may be installed under another name, such as stable.
  pinned=$(sed -nE 's/^channel = "(.*)"$/\1/p' rust-toolchain.toml)
  for toolchain in $(rustup toolchain list 2>/dev/null | awk '{print $1}'); do
    case $(rustc "+$toolchain" --version 2>/dev/null) in
      "rustc $pinned "*)
        export RUSTUP_TOOLCHAIN=$toolchain
        return
        ;;
    esac
  done
  die "the Rust toolchain $pinned is missing: run 'rustup toolchain install $pinned'"
}

# All that a build takes.
need_build() {
  need_cargo
  need_package compiler_there "a C compiler" build-essential
  need_package libpq_there "libpq" libpq-dev pkg-config
}

# find_postgres any|MAJOR: sets PGBIN to the programs of the newest usable PostgreSQL, or of that one.
find_postgres() {
  local dir major best=0
  PGBIN=
  for dir in $(postgres_places); do
    if ! [ -x "$dir/initdb" ] || ! [ -x "$dir/pg_ctl" ] || ! [ -x "$dir/psql" ]; then continue; fi
    major=$("$dir/initdb" --version | sed -nE 's/.*\(PostgreSQL\) ([0-9]+).*/\1/p')
    [ "${major:-0}" -ge "$OLDEST_POSTGRES" ] || continue
    [ "$1" = any ] || [ "$major" = "$1" ] || continue
    if [ "$major" -gt "$best" ]; then
      best=$major
      PGBIN=$dir
    fi
  done
  [ -n "$PGBIN" ]
}

postgres_places() {
  local program
  if program=$(command -v initdb); then dirname "$(readlink -f "$program")"; fi
  pg_config --bindir 2>/dev/null || true
  printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin
}

# Debian would set up and start a cluster of its own with the package; it is told not to, for this install only.
install_postgres() {
  if find_postgres any; then return; fi
  local conf=/etc/postgresql-common/createcluster.d/repower.conf
  # shellcheck disable=SC2064
  trap "as_root rm -f '$conf'" EXIT
  as_root mkdir -p "${conf%/*}"
  echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
  apt_install postgresql postgresql-contrib
}

need_postgres() {
  if find_postgres any; then return; fi
  can_apt || die "PostgreSQL $OLDEST_POSTGRES or newer is missing: install its server (on Debian: apt-get install postgresql)"
  alone install_postgres
  find_postgres any || die "PostgreSQL $OLDEST_POSTGRES or newer is needed and not in this system's packages: see https://www.postgresql.org/download/"
}

cargo_install() {
  local program=$1 version=$2
  shift 2
  if "$TOOLS/bin/$program" --version 2>/dev/null | grep -qF "$version"; then return; fi
  say "installing $program $version into .tools (once, some minutes)"
  env -u CARGO_TARGET_DIR cargo install --locked --quiet --root "$TOOLS" --version "$version" "$@" </dev/null 7>&-
}

# Sets DIESEL to a diesel of the pinned version, as another one may print another schema.
need_diesel() {
  DIESEL=$(command -v diesel || true)
  if [ -n "$DIESEL" ] && "$DIESEL" --version 2>/dev/null | grep -qF "$DIESEL_CLI_VERSION"; then return; fi
  alone cargo_install diesel "$DIESEL_CLI_VERSION" --no-default-features --features postgres diesel_cli
  DIESEL=$TOOLS/bin/diesel
}

# Sets CARGO_DENY.
need_cargo_deny() {
  CARGO_DENY=$(command -v cargo-deny || true)
  if [ -n "$CARGO_DENY" ]; then return; fi
  alone cargo_install cargo-deny "$CARGO_DENY_VERSION" cargo-deny
  CARGO_DENY=$TOOLS/bin/cargo-deny
}

node_there() {
  has node && node -e "const [major, minor] = process.versions.node.split('.'); process.exit(major * 100 + +minor < $OLDEST_NODE ? 1 : 0)"
}

need_node() {
  need_package node_there "Node.js $((OLDEST_NODE / 100)).$((OLDEST_NODE % 100)) or newer" nodejs
  need_command npm
}

# need_node_modules FOLDER: installs what its package-lock.json names.
need_node_modules() {
  alone install_node_modules "$1"
}

install_node_modules() {
  cd "$1" || die "cannot enter $1"
  # npm writes this file last.
  if [ node_modules/.package-lock.json -nt package-lock.json ]; then return; fi
  say "installing what $1 needs"
  npm ci --no-audit --no-fund --loglevel=error >/dev/null </dev/null 7>&-
}

# Sets CHROMIUM.
need_chromium() {
  if [ -n "${CHROMIUM:-}" ]; then
    has "$CHROMIUM" || die "CHROMIUM names no program: $CHROMIUM"
  else
    need_command chromium
    CHROMIUM=$(command -v chromium)
  fi
  export CHROMIUM
}

# Sets CARGO_SEMVER_CHECKS to the pinned version, as another one may not read what the pinned rustdoc writes.
need_cargo_semver_checks() {
  CARGO_SEMVER_CHECKS=$(command -v cargo-semver-checks || true)
  if [ -n "$CARGO_SEMVER_CHECKS" ] && "$CARGO_SEMVER_CHECKS" --version 2>/dev/null | grep -qF "$CARGO_SEMVER_CHECKS_VERSION"; then
    return
  fi
  alone cargo_install cargo-semver-checks "$CARGO_SEMVER_CHECKS_VERSION" cargo-semver-checks
  CARGO_SEMVER_CHECKS=$TOOLS/bin/cargo-semver-checks
}

python_there() {
  has python3 && python3 -c "import sys, venv, ensurepip; sys.exit(sys.version_info[0] * 100 + sys.version_info[1] < $OLDEST_PYTHON)" 2>/dev/null
}

# Sets SCHEMATHESIS to the pinned version, in an environment of its own.
need_schemathesis() {
  need_package python_there "Python $((OLDEST_PYTHON / 100)).$((OLDEST_PYTHON % 100)) or newer with venv" python3 python3-venv
  alone install_schemathesis
  SCHEMATHESIS=$TOOLS/schemathesis/bin/schemathesis
  export SCHEMATHESIS
}

install_schemathesis() {
  local place=$TOOLS/schemathesis
  if "$place/bin/schemathesis" --version 2>/dev/null | grep -qF "$SCHEMATHESIS_VERSION"; then return; fi
  cd "$ROOT" || die "cannot enter $ROOT"
  say "installing schemathesis $SCHEMATHESIS_VERSION into .tools (once)"
  rm -rf "$place"
  python3 -m venv "$place" </dev/null 7>&-
  "$place/bin/pip" install --quiet --disable-pip-version-check --constraint tests/fuzz/constraints.txt \
    "schemathesis==$SCHEMATHESIS_VERSION" </dev/null 7>&-
}
