# shellcheck shell=bash
# PostgreSQL clusters of the project's own. Needs lib.sh.
#
# STATE is the folder of a cluster: data/ belongs to the database account, beside it are two lock files. `gate` is locked for
# the time of a start or a stop. `users` is locked shared by each user; the last user can lock it alone, and stops the cluster.

# What a cluster takes of the machine. The caller's own PGHOST, PGSSLMODE and the like are meant for other databases.
need_cluster() {
  unset "${!PG@}"
  PGBIN=
  need_package "has flock" flock util-linux
  need_postgres
}

# finish COMMAND: the trap of EXIT; runs a command on the cluster, where there is one, and no signal interrupts it.
finish() {
  local status=$?
  trap '' INT TERM HUP
  trap - EXIT
  set +e
  if [ -n "${STATE:-}" ]; then "$@"; fi
  exit "$status"
}

# Runs a command as the account that PostgreSQL runs under: it refuses root.
as_db() (
  cd /
  export LC_ALL=C
  if [ -z "$DB_USER" ]; then
    exec "$@"
  elif has setpriv; then
    exec setpriv --reuid="$(id -u "$DB_USER")" --regid="$(id -g "$DB_USER")" --init-groups -- "$@"
  else
    # shellcheck disable=SC2016
    exec su -s /bin/sh "$DB_USER" -c 'exec "$0" "$@"' -- "$@"
  fi
)

choose_db_user() {
  DB_USER=
  if [ "$(id -u)" = 0 ]; then DB_USER=$(id -un postgres 2>/dev/null || echo nobody); fi
}

# shellcheck disable=SC2016
db_user_reaches() { as_db sh -c 'cd "$1"' sh "$1" 2>/dev/null; }

# open_kept_state FOLDER NAME: sets STATE to the folder, or to /var/tmp/NAME-… where the database account may not enter it.
open_kept_state() {
  local place=$1
  choose_db_user
  # A normal user's cluster goes on under that user when root comes to it.
  if [ -n "$DB_USER" ] && [ -d "$place/data" ]; then DB_USER=$(stat -c %U "$place/data"); fi
  if ! db_user_reaches "${1%/*}"; then
    place=/var/tmp/$2-$(printf '%s' "$ROOT" | cksum | tr -d ' ')
    say "the database is kept in $place, as its user $DB_USER may not enter ${1%/*}"
  fi
  mkdir -m 711 "$place" 2>/dev/null || [ -d "$place" ] || die "cannot make $place"
  if [ "$place" = "$1" ]; then
    [ -O "$place" ] || [ "$(id -u)" = 0 ]
  else # Every user may write to /var/tmp.
    [ -O "$place" ] && [ ! -L "$place" ]
  fi || die "$place belongs to another user, who can remove it ('make clean-db' removes .postgres)"
  STATE=$place
}

# Prints the folder that is in memory, where 4 GiB are to spare: the tests of the API, which make thousands of small files, take
# half of the time there.
roomy_memory() {
  local least=4194304 room free
  room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
  free=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo 2>/dev/null)
  if [ "${room:-0}" -ge "$least" ] && [ "${free:-0}" -ge "$least" ]; then echo /dev/shm; fi
}

# open_throwaway_state [INITDB_OPTION...]
open_throwaway_state() {
  local base
  INITDB_OPTIONS=(--no-sync "$@")
  # A killed server leaves its segments behind: in its folder, they are removed with it.
  CLUSTER_SETTINGS="dynamic_shared_memory_type = mmap"
  choose_db_user
  for base in $(roomy_memory) "${TMPDIR:-/tmp}" /var/tmp; do
    if db_user_reaches "$base"; then break; fi
  done
  remove_abandoned "$base"
  STATE=$(mktemp -d "$base/repower-test_XXXXXX")
  chmod 711 "$STATE"
}

# A throw-away cluster outlives its run only where that was killed; its lock is free then.
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

# The lock is taken before its file gets its name, so that no other run takes a new cluster for an abandoned one.
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

# The process of a pid file may be dead, or be another program by now.
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

# Made under another name first, so that a cluster that was cut off half-way is never taken for a whole one.
make_cluster() {
  local locale
  [ ! -e "$STATE/data/PG_VERSION" ] || return 0
  locale=$(grep -xiE -m 1 '(C|en_US)\.utf-?8' <<<"$(locale -a 2>/dev/null)") ||
    die "no UTF-8 locale is installed: PostgreSQL needs C.UTF-8 or en_US.UTF-8"
  rm -rf "$STATE/data" "$STATE/data.new"
  mkdir -m 700 "$STATE/data.new"
  if [ -n "$DB_USER" ]; then chown "$DB_USER:$(id -g "$DB_USER")" "$STATE/data.new"; fi
  if ! as_db "$PGBIN/initdb" -D "$STATE/data.new" -U repower -A trust -E UTF8 --locale="$locale" \
    ${INITDB_OPTIONS:+"${INITDB_OPTIONS[@]}"} </dev/null >"$STATE/initdb.log" 2>&1; then
    die "initdb failed: $(tail -n 1 "$STATE/initdb.log")"
  fi
  rm -f "$STATE/initdb.log"
  if [ -n "${CLUSTER_SETTINGS:-}" ]; then echo "$CLUSTER_SETTINGS" >>"$STATE/data.new/postgresql.conf"; fi
  mv "$STATE/data.new" "$STATE/data"
}

free_port() {
  local port=${1:-}
  while [ -z "$port" ] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((20000 + RANDOM % 12000))
  done
  echo "$port"
}

# start_cluster [-c SETTING=VALUE]...: starts the cluster where it does not run, and sets CLUSTER_URL.
start_cluster() {
  local major
  if [ -e "$STATE/data/PG_VERSION" ]; then
    major=$(cat "$STATE/data/PG_VERSION")
    find_postgres "$major" || die "the database in $STATE is of PostgreSQL $major: install that, or start anew with 'make clean-db'"
  fi
  make_cluster
  if ! cluster_runs; then launch "$@"; fi
  CLUSTER_URL=postgres://repower@127.0.0.1:$(sed -n 4p "$STATE/data/postmaster.pid")/repower
  prepare_database "${CLUSTER_URL%/*}"
}

# Tries the last port first, so that a saved connection goes on working. Tries again because another program may take the
# port meanwhile, and because the shared memory of a crashed server may be in use for a moment.
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
  [ "$(query "$1/repower" "select count(*) from pg_available_extensions where name in ('pg_trgm', 'btree_gist')")" = 2 ] ||
    die "PostgreSQL's extensions pg_trgm and btree_gist are missing: install its contrib package (on Debian: apt-get install postgresql-contrib)"
}
