import pytest

import config
from loadtest.stack.base import ProcessInfo
from loadtest.verify import checks

SETTINGS = config.load_settings({"DATABASE_URL": "postgresql://db", "OPENPHONE_SYNC": "off"})
ARGS = " ".join(["/venv/bin/python /venv/bin/gunicorn", *config.gunicorn_arguments(SETTINGS), "app:create_app()"])


def processes(master=ARGS, workers=(ARGS,) * 4):
    return [
        ProcessInfo(10, 1, master, "master"),
        *(ProcessInfo(11 + number, 10, args, "worker") for number, args in enumerate(workers)),
    ]


def differing(found, settings=SETTINGS):
    return {(check.layer, check.name): check.found for check in checks.command_lines(found, settings) if not check.ok}


def test_the_command_line_that_config_makes_is_as_set():
    assert differing(processes()) == {}


def test_the_same_values_as_separate_words_are_as_set():
    spaced = ARGS.replace("--timeout=300", "--timeout 300").replace("--workers=4", "--workers 4")
    assert spaced.count("=") == ARGS.count("=") - 2
    assert differing(processes(spaced, (spaced,) * 4)) == {}


def test_another_timeout_than_the_setting_is_named_for_master_and_workers():
    settings = SETTINGS.model_copy(update={"gunicorn_timeout": 60})
    assert differing(processes(), settings) == {
        ("ps, master", "--timeout"): "300",
        ("ps, workers", "--timeout"): "300",
    }


@pytest.mark.parametrize(
    ("before", "after", "name", "found"),
    [
        ("--bind=127.0.0.1:8000", "--bind=127.0.0.1:8000 --bind=[::1]:80", "bind", "127.0.0.1:8000 and [::1]:80"),
        ("--bind=127.0.0.1:8000", "--bind=127.0.0.1:8000 -b :9000", "bind", "127.0.0.1:8000 and :9000"),
        ("--worker-class=sync", "--worker-class=gthread", "worker-class", "gthread"),
        ("--worker-class=sync", "--worker-class=sync -k gevent", "worker-class", "sync and gevent"),
        ("--worker-class=sync ", "", "worker-class", "not shown"),
        ("--threads=1", "--threads=2", "threads", "2"),
        ("--threads=1 ", "", "threads", "not shown"),
        ("--timeout=300 ", "", "timeout", "not shown"),
        ("--timeout=300", "--timeout=300 --timeout=0", "timeout", "300 and 0"),
        ("--timeout=300", "--timeout=300 -t 60", "timeout", "300 and 60"),
        ("--timeout=300", "--timeout=300 -t60", "timeout", "300 and 60"),
        ("--workers=4", "--workers=4 -w 8", "workers", "4 and 8"),
        ("--graceful-timeout=30", "--graceful-timeout=3000", "graceful-timeout", "3000"),
        ("--worker-tmp-dir=/dev/shm", "--worker-tmp-dir=/var/tmp", "worker-tmp-dir", "/var/tmp"),
    ],
)  # fmt: skip
def test_a_master_that_differs_is_named_with_what_it_shows(before, after, name, found):
    assert before in ARGS
    assert differing(processes(ARGS.replace(before, after))) == {("ps, master", f"--{name}"): found}


def test_no_flag_is_mistaken_for_a_longer_one_or_for_part_of_a_word():
    assert checks.flags("gunicorn --graceful-timeout=30 --keep-timeout=5 app-t 60 --workers=4", "timeout") == []
    assert checks.flags("gunicorn --worker-class=sync --worker-tmp-dir=/dev/shm", "workers") == []
    assert checks.flags("-t 5", "timeout") == ["5"]


def test_one_worker_with_another_timeout_is_seen_among_the_rest():
    odd = ARGS.replace("--timeout=300", "--timeout=30")
    assert differing(processes(workers=(ARGS, odd, ARGS, ARGS))) == {("ps, workers", "--timeout"): "30, 300"}


def test_workers_whose_title_hides_their_flags_are_seen():
    title = "gunicorn: worker [app:create_app()]"
    assert differing(processes(workers=(title,) * 4)) == {
        ("ps, workers", "--timeout"): "not shown",
        ("ps, workers", "--workers"): "not shown",
    }


@pytest.mark.parametrize("number", [0, 3, 5])
def test_too_few_or_too_many_workers_are_counted(number):
    assert differing(processes(workers=(ARGS,) * number)) == {("ps", "workers running"): str(number)}


def test_without_a_gunicorn_master_that_is_what_differs():
    assert differing([]) == {("ps", "gunicorn masters"): "0", ("ps", "workers running"): "0"}


def test_arguments_that_gunicorn_reads_silently_are_found_in_its_environment():
    (check,) = [each for each in checks.environment({"GUNICORN_CMD_ARGS": ""}, setproctitle=False) if not each.ok]
    assert (check.name, check.found) == ("GUNICORN_CMD_ARGS", "''")


def test_what_could_hide_the_command_line_is_found():
    (check,) = [each for each in checks.environment({}, setproctitle=True) if not each.ok]
    assert (check.name, check.expected, check.found) == ("setproctitle", "not installed", "installed")


def test_a_clean_environment_is_as_set():
    assert all(check.ok for check in checks.environment({"PATH": "/bin"}, setproctitle=False))


CONF = """
http {
    client_max_body_size 67174400;
    proxy_read_timeout 315s;
    proxy_connect_timeout 75s;
    proxy_request_buffering on;
}
"""


def nginx_differing(conf=CONF, settings=SETTINGS, read_timeout=None):
    return {check.name: check.found for check in checks.nginx(conf, settings, read_timeout) if not check.ok}


def test_an_nginx_that_follows_the_settings_is_as_set():
    assert nginx_differing() == {}
    assert nginx_differing(CONF.replace("315s", "400s"), read_timeout="400") == {}


def test_an_nginx_without_a_timeout_to_follow_waits_for_a_day():
    settings = SETTINGS.model_copy(update={"gunicorn_timeout": 0})
    assert nginx_differing(CONF.replace("315s", "86400s"), settings) == {}


@pytest.mark.parametrize(
    ("before", "after", "name", "found"),
    [
        ("proxy_read_timeout 315s", "proxy_read_timeout 60s", "proxy_read_timeout", "60s"),
        ("    proxy_read_timeout 315s;\n", "", "proxy_read_timeout", "not there"),
        ("315s;", "315s; # proxy_read_timeout 60s;\n    proxy_read_timeout 9s;", "proxy_read_timeout", "315s and 9s"),
        ("proxy_request_buffering on", "proxy_request_buffering off", "proxy_request_buffering", "off"),
        ("67174400", "1m", "client_max_body_size", "1m"),
        ("75s", "5s", "proxy_connect_timeout", "5s"),
    ],
)
def test_an_nginx_that_differs_is_named_with_what_it_says(before, after, name, found):
    assert before in CONF
    assert nginx_differing(CONF.replace(before, after)) == {name: found}


@pytest.mark.parametrize("seconds", ["300", "60"])
def test_an_nginx_that_gives_up_before_gunicorn_is_a_fault_though_it_was_asked_for(seconds):
    conf = CONF.replace("315s", f"{seconds}s")
    assert nginx_differing(conf, read_timeout=seconds) == {"waits longer than gunicorn": f"{seconds}s"}
