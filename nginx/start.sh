#!/bin/sh
# Starts nginx in front of web: start.sh [run|check|render]. Runs in Debian's sh and in BusyBox. Exit code 2 = a value is wrong.
#
# NGINX_LISTEN (8080)         port, or address:port
# NGINX_WEB (web:8000)        host:port of web; a name is looked up again while nginx runs
# GUNICORN_TIMEOUT (300)      web's; nginx waits 15 s longer unless NGINX_PROXY_READ_TIMEOUT (seconds) says otherwise
# IMPORT_MAX_BYTES (67108864) web's; an upload may be as large here as there
# NGINX_RESOLVER              address of a name server; the first of /etc/resolv.conf unless set
# NGINX_RUN_DIR (/tmp/nginx)  the rendered configuration, the pid file, bodies too large for memory
# NGINX_BINARY (nginx)
set -eu

MARGIN_SECONDS=15     # a kill comes up to two seconds after the timeout; the rest is for a request that had to queue
FORM_BYTES=65536      # as app/__init__.py: boundaries and the other fields
NEVER_SECONDS=86400   # GUNICORN_TIMEOUT=0
newline='
'

refuse() {
    echo "$1: must be $2" >&2
    exit 2
}

# whole NAME VALUE LOW HIGH
whole() {
    case "$2" in
    '' | *[!0-9]* | ???????????*) refuse "$1='$2'" "a whole number from $3 to $4, digits only" ;;
    esac
    if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        refuse "$1='$2'" "a whole number from $3 to $4, digits only"
    fi
}

# plain NAME VALUE PATTERN WORDS: nothing that could end a directive gets into the file
plain() {
    case "$2" in
    *"$newline"*) refuse "$1" "$4, on one line" ;;
    esac
    printf '%s\n' "$2" | grep -Eqx "$3" || refuse "$1='$2'" "$4"
}

listen=${NGINX_LISTEN-8080}
web=${NGINX_WEB-web:8000}
timeout=${GUNICORN_TIMEOUT-300}
max_bytes=${IMPORT_MAX_BYTES-67108864}
run_dir=${NGINX_RUN_DIR-/tmp/nginx}

plain NGINX_LISTEN "$listen" '([0-9.]+:)?[0-9]{1,5}' 'a port, or address:port'
plain NGINX_WEB "$web" '[A-Za-z0-9_.-]+:[0-9]{1,5}' 'host:port'
plain NGINX_RUN_DIR "$run_dir" '/[^]["$;{}|&\\[:cntrl:]]*' 'an absolute path without any of ][";{}|&\$'
whole GUNICORN_TIMEOUT "$timeout" 0 86400
whole IMPORT_MAX_BYTES "$max_bytes" 1 2147483648
if [ "$timeout" -eq 0 ]; then
    read_timeout=$NEVER_SECONDS
else
    read_timeout=$((timeout + MARGIN_SECONDS))
fi
read_timeout=${NGINX_PROXY_READ_TIMEOUT:-$read_timeout}
whole NGINX_PROXY_READ_TIMEOUT "$read_timeout" 1 $((NEVER_SECONDS + MARGIN_SECONDS))

resolver=
if printf '%s\n' "$web" | grep -q '[A-Za-z_]'; then # a name, no address
    server=${NGINX_RESOLVER:-$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf)}
    plain NGINX_RESOLVER "$server" '[0-9.]+(:[0-9]{1,5})?' 'the IPv4 address of a name server'
    resolver="resolver $server valid=5s ipv6=off;"
fi
user=
if [ "$(id -u)" -eq 0 ]; then
    user='user root;' # no other account is sure to be there, nor able to write to the run directory
fi

mkdir -p "$run_dir"
sed -e "s|\${RUN_DIR}|$run_dir|g" -e "s|\${LISTEN}|$listen|g" -e "s|\${WEB}|$web|g" \
    -e "s|\${MAX_BYTES}|$max_bytes|g" -e "s|\${MAX_BODY}|$((max_bytes + FORM_BYTES))|g" -e "s|\${READ_TIMEOUT}|$read_timeout|g" \
    -e "s|\${RESOLVER}|$resolver|g" -e "s|\${USER}|$user|g" \
    "$(dirname "$0")/nginx.conf.template" >"$run_dir/nginx.conf"

case "${1-run}" in
render) ;;
check) exec "${NGINX_BINARY:-nginx}" -t -q -e stderr -p "$run_dir" -c "$run_dir/nginx.conf" ;;
run) exec "${NGINX_BINARY:-nginx}" -e stderr -p "$run_dir" -c "$run_dir/nginx.conf" ;;
*)
    echo "start.sh: unknown word '$1'; there are: run, check, render" >&2
    exit 2
    ;;
esac
