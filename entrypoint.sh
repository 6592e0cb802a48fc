#!/bin/sh
# Starts one service of the app: entrypoint.sh [web|worker|beat]. config.py checks every value first. Exit codes: 2 = a value is
# wrong, 4 = the database can't be used, 143 = stopped while it was waiting for the database.
set -eu
cd "$(dirname "$0")"
PATH="${VIRTUAL_ENV:-$PWD/.venv}/bin:$PATH"
export PATH

service="${1:-web}"
case "$service" in
web | worker | beat) ;;
*)
    echo "entrypoint.sh: unknown service '$service'; there are: web, worker, beat" >&2
    exit 2
    ;;
esac

arguments=$(python -m config "$service") || exit $?

# Beside the shell, which would pass no signal on to what it waits for in front of it.
migration=
trap 'trap "" TERM INT HUP
    { kill "$migration" && wait "$migration"; } 2>/dev/null || :
    echo "entrypoint.sh: stopped before $service was started" >&2
    exit 143' TERM INT HUP
python -m app.admin migrate &
migration=$!
wait "$migration" || {
    code=$?
    echo "entrypoint.sh: $service is not started: \`python -m app.admin migrate\` ended with exit code $code, see above" >&2
    exit $code
}
trap - TERM INT HUP

# One argument a line, none with spaces in it that matter: split at newlines only, without globbing.
IFS='
'
set -f
# exec: the arbiter, or Celery's main process, must get SIGTERM itself.
case "$service" in
web) exec gunicorn $arguments 'app:create_app()' ;;
*) exec celery $arguments ;;
esac
