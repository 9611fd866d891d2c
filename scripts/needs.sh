# shellcheck shell=bash
# What the project needs from the machine: it is found, or installed where that is possible, or named in one line.

TOOLS=$ROOT/.tools
OLDEST_POSTGRES=15
OLDEST_NODE=1819
OLDEST_PYTHON=311

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
can_apt() { has apt-get && as_root true 2>/dev/null; }
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 "$@"; }

# Runs a command under a lock, so that of two runs at once only one installs. The command has to look again for what it installs.
alone() {
  mkdir -p "$TOOLS"
  has flock || die "flock is missing: install util-linux (Debian) or 'brew install flock' (macOS)"
  (
    flock 7
    "$@" 7>&-
  ) </dev/null 7>"$TOOLS/lock"
}

# Installs packages; fetches the package lists where that fails without.
apt_install() {
  local told
  say "installing $*"
  if ! apt install --no-install-recommends "$@" >/dev/null 2>&1 &&
    ! told=$({ apt update && apt install --no-install-recommends "$@"; } 2>&1); then
    tail -n 5 <<<"$told" >&2
    die "could not install $*"
  fi
}

# need_package CHECK NAME PACKAGE...: installs the packages where the check fails; NAME is for people.
need_package() {
  local check=$1 name=$2
  shift 2
  if $check; then return; fi
  can_apt || die "$name is missing: install it (on Debian: apt-get install $*)"
  alone install_unless "$check" "$@"
  $check || die "$name is still missing after the installation of $*"
}

install_unless() { $1 || apt_install "${@:2}"; }
need_command() { need_package "has $1" "$1" "${2:-$1}"; }

compiler_there() { has cc && printf '#include <stdlib.h>\n' | cc -E - >/dev/null 2>&1; }
libpq_there() {
  local folder
  if has pkg-config && pkg-config --exists libpq; then return; fi
  folder=$(pg_config --libdir 2>/dev/null) || return 1
  [ -e "$folder/libpq.so" ] || [ -e "$folder/libpq.dylib" ] || [ -e "$folder/libpq.a" ]
}

need_cargo() {
  local pinned toolchain
  has cargo || die "cargo is missing: install the Rust toolchain from https://rustup.rs"
  if cargo --version >/dev/null 2>&1; then return; fi
  # The pinned version may be installed under another name, such as stable.
  pinned=$(sed -nE 's/^channel = "(.*)"$/\1/p' rust-toolchain.toml)
  for toolchain in $(rustup toolchain list 2>/dev/null | awk '{ print $1 }'); do
    if [[ $(rustc "+$toolchain" --version 2>/dev/null) == "rustc $pinned "* ]]; then
      export RUSTUP_TOOLCHAIN=$toolchain
      return
    fi
  done
  die "the Rust toolchain $pinned is missing: run 'rustup toolchain install $pinned'"
}

# All that a build takes. Crates outside the workspace are built into its target folder, too.
need_build() {
  need_cargo
  CARGO_TARGET_DIR=$(target_dir)
  export CARGO_TARGET_DIR
  need_package compiler_there "a C compiler" build-essential
  need_package libpq_there "libpq" libpq-dev pkg-config
}

# need_tool PROGRAM VERSION [OPTION...] CRATE: sets TOOL to the program of that version, from PATH or installed into .tools.
need_tool() {
  for TOOL in "$(command -v "$1")" "$TOOLS/bin/$1"; do
    if has_version "$TOOL" "$2"; then return; fi
  done
  alone install_tool "$@"
}

has_version() { { "$1" --version || "$1" "${1##*/cargo-}" --version; } 2>/dev/null | grep -qF "$2"; }

install_tool() {
  if has_version "$TOOLS/bin/$1" "$2"; then return; fi
  say "installing $1 $2 into .tools (once, a minute or two)"
  # Seconds of work for a tool: an optimized build would take longer than all its runs.
  env -u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet --root "$TOOLS" --version "${@:2}"
}

python_there() {
  has python3 && python3 -c "import sys, venv, ensurepip; sys.exit(sys.version_info[0] * 100 + sys.version_info[1] < $OLDEST_PYTHON)" 2>/dev/null
}

# need_python_tool PROGRAM VERSION CONSTRAINTS [PACKAGE...]: sets TOOL to the program of that version in a place of its own below
# .tools, with the packages. The file has the versions of all that is installed.
need_python_tool() {
  need_package python_there "Python $((OLDEST_PYTHON / 100)).$((OLDEST_PYTHON % 100)) or newer with venv" python3 python3-venv
  alone install_python_tool "$@"
  # shellcheck disable=SC2034
  TOOL=$TOOLS/$1/bin/$1
}

install_python_tool() {
  local place=$TOOLS/$1
  if has_version "$place/bin/$1" "$2"; then return; fi
  say "installing $1 $2 into .tools (once)"
  rm -rf "$place"
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check --constraint "$3" "$1==$2" "${@:4}"
}

# find_postgres any|MAJOR: sets PGBIN to the programs of the newest usable PostgreSQL, or of that one.
find_postgres() {
  local folder major best=0
  PGBIN=
  for folder in $(postgres_places); do
    if ! [ -x "$folder/initdb" ] || ! [ -x "$folder/pg_ctl" ] || ! [ -x "$folder/psql" ]; then continue; fi
    major=$("$folder/initdb" --version | sed -nE 's/.*\(PostgreSQL\) ([0-9]+).*/\1/p')
    if [ "$1" != any ] && [ "$major" != "$1" ]; then continue; fi
    if [ "${major:-0}" -ge "$OLDEST_POSTGRES" ] && [ "$major" -gt "$best" ]; then
      best=$major
      PGBIN=$folder
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

# Debian's package would make and start a cluster of its own; a setting for the time of the installation prevents that.
install_postgres() {
  if find_postgres any; then return; fi
  local setting=/etc/postgresql-common/createcluster.d/repower.conf
  # shellcheck disable=SC2064
  trap "as_root rm -f '$setting'" EXIT
  as_root mkdir -p "${setting%/*}"
  echo 'create_main_cluster = false' | as_root tee "$setting" >/dev/null
  apt_install postgresql postgresql-contrib
}

need_postgres() {
  if find_postgres any; then return; fi
  can_apt || die "PostgreSQL $OLDEST_POSTGRES or newer is missing: install its server (on Debian: apt-get install postgresql)"
  alone install_postgres
  find_postgres any || die "PostgreSQL $OLDEST_POSTGRES or newer is needed and not in this system's packages: see https://www.postgresql.org/download/"
}

node_there() {
  has node && node -e "const [major, minor] = process.versions.node.split('.'); process.exit(major * 100 + +minor < $OLDEST_NODE ? 1 : 0)"
}

# need_node FOLDER: Node.js, npm, and the packages that the folder's package-lock.json names.
need_node() {
  need_package node_there "Node.js $((OLDEST_NODE / 100)).$((OLDEST_NODE % 100)) or newer" nodejs
  need_command npm
  alone install_node_modules "$1"
}

install_node_modules() {
  cd "$1" || die "cannot enter $1"
  # npm writes this file last.
  if [ node_modules/.package-lock.json -nt package-lock.json ]; then return; fi
  say "installing what $1 needs"
  npm ci --no-audit --no-fund --loglevel=error >/dev/null
}
