import re

from operating import SAMPLE_CONTACTS

from fixtures.cache import fixture
from loadtest.stack.base import SERVICES


def directive(conf, name):
    return re.search(rf"^\s*{name} ([^;]+);", conf, re.MULTILINE)[1]


def shown(lines, flag):
    return {found for line in lines for found in re.findall(rf" --{flag}=(\S+)", line)}


def test_every_service_is_healthy_and_only_nginx_is_published_and_on_loopback(checkout):
    checkout.up()
    for service in SERVICES:
        [container] = checkout.containers(service)
        assert container.attrs["State"]["Health"]["Status"] == "healthy"
        published = [found for bound in container.ports.values() for found in bound or []]
        assert {found["HostIp"] for found in published} == ({"127.0.0.1"} if service == "nginx" else set())


def test_ps_in_web_shows_the_timeout_and_the_workers_as_set_on_every_process(checkout):
    checkout.up(GUNICORN_TIMEOUT="45", GUNICORN_WORKERS="3")
    lines = checkout.gunicorn()
    assert len(lines) == 1 + 3
    assert (shown(lines, "timeout"), shown(lines, "workers")) == ({"45"}, {"3"})
    assert all(" --timeout=" in line and " --workers=" in line for line in lines)
    assert directive(checkout.nginx_conf(), "proxy_read_timeout") == "60s"


def test_web_runs_without_privileges_on_a_read_only_root_and_without_the_harness(checkout):
    checkout.up(BUILD_TARGET="runtime")
    assert checkout.call("exec", "-T", "web", "id", "-u").strip() == "10001"
    assert checkout.run("exec", "-T", "web", "touch", "/srv/timeoutlab/here").returncode
    for harness in ("locust", "loadtest", "faker"):
        assert checkout.run("exec", "-T", "web", "python", "-c", f"import {harness}").returncode
    assert checkout.run("exec", "-T", "web", "sh", "-c", "command -v gcc cc").returncode
    assert checkout.call("exec", "-T", "web", "ps", "-o", "args=", "-p", "1").startswith("tini ")


def test_a_thousand_rows_go_through_nginx_and_are_on_both_sides_once(checkout):
    checkout.up()
    checkout.empty()
    answer = checkout.upload()
    assert (answer.status_code, answer.json()["rows_total"]) == (200, 1000)
    assert checkout.both_sides() == ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))
    # One id in every layer.
    ident = answer.headers["X-Request-ID"]
    assert f"id={ident} POST /api/imports 200" in checkout.call("logs", "--no-color", "nginx")
    logs = checkout.call("logs", "--no-color", "web")
    assert f"request started POST /api/imports id={ident}" in logs
    assert f'"{ident}"' in logs


def test_a_restart_keeps_the_old_timeout_and_up_changes_it_in_gunicorn_and_nginx(checkout):
    checkout.up(GUNICORN_TIMEOUT="45", GUNICORN_WORKERS="2")
    # the guide's advice: export GUNICORN_TIMEOUT, then restart
    checkout.call("restart", "web", GUNICORN_TIMEOUT="75")
    checkout.until_healthy()
    assert shown(checkout.gunicorn(), "timeout") == {"45"}
    # what does it
    checkout.up(GUNICORN_TIMEOUT="75")
    assert shown(checkout.gunicorn(), "timeout") == {"75"}
    assert directive(checkout.nginx_conf(), "proxy_read_timeout") == "90s"
    checkout.empty()
    assert checkout.upload().status_code == 200
    assert checkout.both_sides() == ((SAMPLE_CONTACTS, SAMPLE_CONTACTS), (SAMPLE_CONTACTS, SAMPLE_CONTACTS))


def asked(checkout):
    """The webs that nginx has sent a request to since it was started, and got an answer."""
    return set(re.findall(r" web=(\S+) web_status=200 ", checkout.call("logs", "--no-color", "nginx")))


def test_two_webs_that_start_at_once_share_the_imports_and_lose_nothing(checkout, tmp_path):
    checkout.up("--scale", "web=2")
    checkout.empty()
    # nginx looks web up anew every five seconds; each of the addresses it then knows gets its turn.
    while len(asked(checkout)) < 2:
        checkout.newest()
    logs = {each.name: len(each.logs()) for each in checkout.containers("web")}
    assert len(logs) == 2
    expected = 0
    for area in range(8):
        path, manifest = fixture("contacts", 150, area=area, cache_dir=tmp_path)
        answer = checkout.upload(path.read_bytes())
        assert (answer.status_code, answer.json()["rows_total"]) == (200, 150)
        expected += manifest.contacts_expected
    imports = {
        each.name: each.logs()[logs[each.name] :].count(b"request started POST /api/imports")
        for each in checkout.containers("web")
    }
    assert sum(imports.values()) == 8
    assert min(imports.values()) > 0
    assert checkout.both_sides() == ((expected, expected), (expected, expected))
    checkout.up("--scale", "web=1")
