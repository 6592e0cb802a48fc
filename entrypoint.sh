#!/bin/sh
# Starts one service of the app: entrypoint.sh [web]. config.py checks every value first; exit code 2 = a value is wrong.
set -eu
cd "$(dirname "$0")"
PATH="${VIRTUAL_ENV:-$PWD/.venv}/bin:$PATH"
export PATH

service="${1:-web}"
case "$service" in
web) ;;
*)
    echo "entrypoint.sh: unknown service '$service'; there is: web" >&2
    exit 2
    ;;
esac

arguments=$(python -m config "$service") || exit $?
python -m app.admin migrate
# One argument a line, none with spaces in it that matter: split at newlines only, without globbing.
IFS='
'
set -f
# exec: the arbiter must get SIGTERM itself.
exec gunicorn $arguments 'app:create_app()'
