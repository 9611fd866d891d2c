# shellcheck shell=bash
# A PostgreSQL cluster of the project's own. Needs lib.sh and needs.sh.
#
# STATE is its folder: data/ (the database account's), and two lock files. `gate` is held for the moment of a start or
# a stop, `users` is shared by all who use the cluster: who gets it alone while leaving is the last one and stops it.

# Runs a command as the account that PostgreSQL runs under: it refuses root.
as_db() (
  cd /
  export LC_ALL=C
  if [ -z "$DB_USER" ]; then
    exec "$@"
  elif has setpriv; then
    exec setpriv --reuid="$(id -u "$DB_USER")" --regid="$(id -g "$DB_USER")" --init-groups -- "$@"
  elif has runuser; then
    exec runuser -u "$DB_USER" -- "$@"
  else
    # shellcheck disable=SC2016
    exec su -s /bin/sh "$DB_USER" -c 'exec "$0" "$@"' -- "$@"
  fi
)

choose_db_user() {
  DB_USER=
  if [ "$(id -u)" != 0 ]; then return; fi
  DB_USER=postgres
  id "$DB_USER" >/dev/null 2>&1 || DB_USER=nobody
}

# shellcheck disable=SC2016
db_user_reaches() { as_db sh -c 'cd "$1"' sh "$1" 2>/dev/null; }

# Below a folder that the database account may not enter, the kept cluster lies elsewhere.
open_kept_state() {
  local place=$ROOT/.postgres
  choose_db_user
  # Root may come to a cluster that a normal user has made: it goes on under that user.
  if [ -n "$DB_USER" ] && [ -d "$place/data" ]; then
    DB_USER=$(stat -c %U "$place/data")
  fi
  if ! db_user_reaches "$ROOT"; then
    place=/var/tmp/repower-$(printf '%s' "$ROOT" | cksum | tr -d ' ')
    say "the database is kept in $place, as user $DB_USER, who runs it, may not enter $ROOT"
  fi
  mkdir -m 711 "$place" 2>/dev/null || [ -d "$place" ] || die "cannot make $place"
  if [ "$place" = "$ROOT/.postgres" ]; then
    [ -O "$place" ] || [ "$(id -u)" = 0 ] || die "$place belongs to another user: 'make clean-db' as that one removes it"
  else
    # Anyone may write to /var/tmp, so what stands there must be ours.
    { [ -O "$place" ] && [ ! -L "$place" ]; } || die "$place was made by someone else: remove it first"
  fi
  STATE=$place
}

open_throwaway_state() {
  local base
  QUICK=yes
  choose_db_user
  for base in "${TMPDIR:-/tmp}" /var/tmp; do
    if db_user_reaches "$base"; then break; fi
  done
  remove_abandoned "$base"
  STATE=$(mktemp -d "$base/repower-test_XXXXXX")
  chmod 711 "$STATE"
}

# A throw-away cluster outlives its run only when that was killed hard; its lock is free then.
remove_abandoned() {
  local STATE
  for STATE in "$1"/repower-test_*; do
    if [ -O "$STATE" ] && [ ! -L "$STATE" ] && [ -f "$STATE/users" ] && flock -n "$STATE/users" true; then
      remove_cluster
    fi
  done
}

lock_gate() {
  exec 8>>"$STATE/gate"
  flock 8
}

# The lock is taken before it can be seen, so that nobody takes a new cluster for an abandoned one.
enter_cluster() {
  lock_gate
  if [ -e "$STATE/users" ]; then
    exec 9>>"$STATE/users"
    flock -s 9
  else
    exec 9>"$STATE/users.new"
    flock -s 9
    mv "$STATE/users.new" "$STATE/users"
  fi
  start_cluster "$@"
  flock -u 8
}

leave_cluster() {
  lock_gate
  exec 9>>"$STATE/users"
  if flock -xn 9; then stop_cluster fast; fi
  exec 8>&- 9>&-
}

process_arguments() {
  if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -ww -o args= -p "$1" 2>/dev/null; fi
}

# A pid file alone proves nothing: its process may be dead, or be another program by now.
cluster_runs() {
  local pid
  pid=$(sed -n 1p "$STATE/data/postmaster.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
  [[ "$(process_arguments "$pid") " == *" $STATE/data "* ]]
}

pg_ctl() { as_db "$PGBIN/pg_ctl" -s -w -t 120 -D "$STATE/data" "$@" </dev/null 8>&- 9>&-; }

stop_cluster() {
  if ! cluster_runs; then return; fi
  pg_ctl stop -m "$1" || pg_ctl stop -m immediate
}

remove_cluster() {
  stop_cluster immediate || true
  rm -rf "$STATE"
}

utf8_locale() {
  local known name
  known=$(locale -a 2>/dev/null)
  for name in C.UTF-8 C.utf8 en_US.UTF-8 en_US.utf8; do
    if grep -qx "$name" <<<"$known"; then
      echo "$name"
      return
    fi
  done
  die "no UTF-8 locale is installed: PostgreSQL needs C.UTF-8 or en_US.UTF-8"
}

# Made under another name first: a cluster that was cut off half-way is never taken for a whole one.
make_cluster() {
  local locale
  [ ! -e "$STATE/data/PG_VERSION" ] || return 0
  locale=$(utf8_locale)
  rm -rf "$STATE/data" "$STATE/data.new"
  mkdir -m 700 "$STATE/data.new"
  if [ -n "$DB_USER" ]; then chown "$DB_USER" "$STATE/data.new"; fi
  if ! as_db "$PGBIN/initdb" -D "$STATE/data.new" -U repower -A trust -E UTF8 --locale="$locale" \
    ${QUICK:+--no-sync} </dev/null >"$STATE/initdb.log" 2>&1; then
    die "initdb failed: $(tail -n 1 "$STATE/initdb.log")"
  fi
  rm -f "$STATE/initdb.log"
  mv "$STATE/data.new" "$STATE/data"
}

free_port() {
  local port=${1:-}
  while [ -z "$port" ] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((20000 + RANDOM % 12000))
  done
  echo "$port"
}

# start_cluster [-c SETTING=VALUE]...: brings the cluster up and sets CLUSTER_URL.
start_cluster() {
  local port major
  if [ -e "$STATE/data/PG_VERSION" ]; then
    major=$(cat "$STATE/data/PG_VERSION")
    find_postgres "$major" || die "the database in $STATE is of PostgreSQL $major: install that, or start anew with 'make clean-db'"
  fi
  make_cluster
  if ! cluster_runs; then launch "$@"; fi
  port=$(sed -n 4p "$STATE/data/postmaster.pid")
  CLUSTER_URL=postgres://repower@127.0.0.1:$port/repower
  prepare_database "${CLUSTER_URL%/*}"
}

# The last port is tried first, so that a saved connection goes on working. Another program may still be faster at it,
# and after a crash the old server's memory may be in use for a moment: hence the tries.
launch() {
  local port try log=$STATE/data/server.log
  port=$(cat "$STATE/port" 2>/dev/null || true)
  rm -f "$STATE/data/postmaster.pid"
  for try in 1 2 3 4 5; do
    port=$(free_port "$port")
    rm -f "$log"
    if pg_ctl start -l "$log" -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' $*" 2>/dev/null; then
      echo "$port" >"$STATE/port"
      return
    fi
    sleep "$try"
    port=
  done
  die "PostgreSQL did not start: $(grep -E 'FATAL|ERROR|could not' "$log" 2>/dev/null | tail -n 1)"
}

query() { "$PGBIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$1" -c "$2" </dev/null 8>&- 9>&-; }

prepare_database() {
  if [ -z "$(query "$1/postgres" "select 1 from pg_database where datname = 'repower'")" ]; then
    query "$1/postgres" 'create database repower'
  fi
  [ "$(query "$1/repower" "select lower('Ø') = 'ø'")" = t ] || die "this PostgreSQL does not fold the case of letters such as Ø"
  [ -n "$(query "$1/repower" "select 1 from pg_available_extensions where name = 'pg_trgm'")" ] ||
    die "PostgreSQL's extension pg_trgm is missing: install its contrib package (on Debian: apt-get install postgresql-contrib)"
}
