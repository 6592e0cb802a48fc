"""docker-compose.yml beside what it has to agree with: config.py, .env.example, nginx/start.sh."""

import re
from pathlib import Path

import pytest
import yaml
from test_gunicorn_config import documented

import config
from config import ROOT
from loadtest.stack import compose_background, local_background

TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
# How the containers stand to each other: not for .env to say.
FIXED = {"DATABASE_URL", "REDIS_URL", "WEB_BIND", "GUNICORN_WORKER_TMP_DIR", "WORKER_DEATHS_FILE", "PROXY_HOPS"}
APP = ("web", "worker", "beat")
DEFAULTS = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", TEXT))
LOCUST = ("locust", "locust-worker")
DEFAULT_IMAGES = {name: image for name, image in DEFAULTS.items() if name.endswith("_IMAGE")}


def environment(service):
    return SERVICES[service]["environment"]


def test_web_gets_every_key_of_the_app_and_worker_and_beat_the_same():
    assert set(environment("web")) == set(config.variables())
    assert environment("web") == environment("worker") == environment("beat")


def test_the_services_of_the_app_are_those_of_its_entrypoint_and_one_image():
    command = ["./entrypoint.sh", "worker"]
    assert SERVICES["worker"]["command"] == command
    assert SERVICES["beat"]["command"] == [command[0], "beat"]
    assert len({SERVICES[name]["image"] for name in APP}) == 1
    # Built once, under a tag that two builds at the same time would quarrel about.
    assert [name for name in APP if "build" in SERVICES[name]] == ["web"]


def test_what_web_notes_for_beat_is_on_a_volume_of_both_in_a_directory_that_the_image_has_made_theirs():
    directory = str(Path(environment("web")["WORKER_DEATHS_FILE"]).parent)
    for name in ("web", "beat"):
        assert SERVICES[name]["volumes"] == [f"deaths:{directory}"]
    assert "deaths" in COMPOSE["volumes"]
    assert re.search(rf"install --directory --owner=timeoutlab .*{directory}$", DOCKERFILE, re.MULTILINE)


def test_a_worker_that_is_asked_to_stop_has_the_time_that_the_harness_gives_it():
    grace = SERVICES["worker"]["stop_grace_period"]
    assert {f"{each}s" for each in (local_background.STOP_GRACE_SECONDS, compose_background.STOP_GRACE_SECONDS)} == {
        grace
    }


def test_a_key_that_is_not_set_has_the_apps_own_default():
    passed = {name: value for name, value in environment("web").items() if name not in FIXED}
    defaults = {name: DEFAULTS[name] for name, value in passed.items() if value is not None}
    assert all(f"${{{name}:-{default}}}" == passed[name] for name, default in defaults.items())
    ours = config.load_settings({"DATABASE_URL": "postgresql://db", **defaults})
    apps = config.load_settings({"DATABASE_URL": "postgresql://db", "OPENPHONE_API_KEY": "key"})
    differing = {name for name in type(ours).model_fields if getattr(ours, name) != getattr(apps, name)}
    assert differing == {"openphone_base_url", "openphone_api_key"}  # the mock's


def test_the_example_environment_names_what_else_can_be_set():
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    for service in ("nginx", *LOCUST):
        used |= {name for name, value in environment(service).items() if value is None}
    elsewhere = config.variables() | config.variables(config.HarnessSettings)
    assert set(documented((ROOT / ".env.example").read_text())["compose"]) == used - set(elsewhere)


def test_only_nginx_and_the_page_of_locust_are_published_and_only_on_loopback():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["127.0.0.1:${NGINX_PORT:-8080}:8080"],
        "locust": ["127.0.0.1:${LOCUST_PORT:-8089}:8089"],
    }


def test_only_locust_has_to_be_asked_for():
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        name: ["loadtest"] for name in LOCUST
    }


@pytest.mark.parametrize("name", LOCUST)
def test_locust_gets_every_key_of_its_own_and_unset_it_has_the_default(name):
    keys = config.variables(config.HarnessSettings)
    passed = {key: value for key, value in environment(name).items() if key in keys}
    assert set(keys) - set(passed) == {"TIMEOUTLAB_SAMPLES", "TIMEOUTLAB_POSTGRES_BIN"}
    assert passed["TIMEOUTLAB_API_KEY"] is None
    defaults = {key: DEFAULTS[key] for key, value in passed.items() if str(value).startswith("$")}
    assert set(passed) - set(defaults) == {"TIMEOUTLAB_HOME", "TIMEOUTLAB_HOST", "TIMEOUTLAB_API_KEY"}
    assert config.load_harness_settings(defaults) == config.load_harness_settings({})


def test_a_load_test_that_has_ended_does_not_begin_anew_by_itself():
    assert {SERVICES[name]["restart"] for name in LOCUST} == {"no"}


def test_nginx_gets_what_its_limits_follow_from():
    for name in ("GUNICORN_TIMEOUT", "IMPORT_MAX_BYTES"):
        assert environment("nginx")[name] == environment("web")[name]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check_and_a_memory_limit(name):
    assert SERVICES[name]["healthcheck"]["timeout"] == "10s"
    assert "mem_limit" in SERVICES[name]


def test_docker_waits_longer_than_gunicorn_does():
    assert int(DEFAULTS["WEB_STOP_GRACE_PERIOD"].removesuffix("s")) > int(DEFAULTS["GUNICORN_GRACEFUL_TIMEOUT"]) + 5


def test_an_app_that_faces_the_network_runs_with_as_little_as_it_needs():
    for name in (*APP, "openphone", "nginx", *LOCUST):
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_no_secret_stands_in_the_file():
    for name in ("POSTGRES_PASSWORD",):
        assert f"${{{name}:?" in TEXT
    assert "tl_" not in TEXT


def test_the_images_made_without_a_registry_stand_in_for_the_default_ones():
    provided = dict(re.findall(r"^provide ([A-Z_]+) (\S+) ", (ROOT / ".ci" / "engine").read_text(), re.MULTILINE))
    assert provided == DEFAULT_IMAGES


def test_the_dockerfile_ends_with_the_app_alone():
    assert re.findall(r"^FROM .* AS (\S+)", DOCKERFILE, re.MULTILINE)[-1] == "runtime"
    assert f"ARG PYTHON_IMAGE={DEFAULTS['PYTHON_IMAGE']}" in DOCKERFILE
    last = DOCKERFILE.rpartition("FROM ")[2]
    assert re.findall(r"COPY (?:--from=\S+ )?(.*) \S+$", last, re.MULTILINE) == [
        "/opt/venv",
        "config.py entrypoint.sh",
        "app",
    ]
