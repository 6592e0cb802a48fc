""".do/app.yaml beside config.py and the platform's App Spec reference (docs.digitalocean.com, reference/app-spec)."""

import re

import pytest
import yaml
from test_gunicorn_config import MINIMAL

import config

SPEC = yaml.safe_load((config.ROOT / ".do" / "app.yaml").read_text())
[WEB] = SPEC["services"]
[WORKER, BEAT] = SPEC["workers"]
COMPONENTS = (WEB, WORKER, BEAT)
DATABASES = {database["name"]: database for database in SPEC["databases"]}
# Level -> the keys it may have. The deprecated ones (routes, path, size, num_nodes) are left out.
ALERT = {"rule", "disabled", "operator", "value", "window"}
KNOWN = {
    "": {
        *("name", "region", "services", "static_sites", "workers", "jobs", "functions", "databases", "domains", "envs"),
        *("alerts", "ingress", "egress", "features", "maintenance"),
    },
    "services": {
        *("name", "git", "github", "gitlab", "bitbucket", "image", "dockerfile_path", "build_command", "run_command"),
        *("source_dir", "environment_slug", "envs", "instance_size_slug", "instance_count", "autoscaling", "http_port"),
        *("protocol", "health_check", "cors", "internal_ports", "alerts", "log_destinations", "termination"),
        "liveness_health_check",
    },
    "workers": {
        *("name", "git", "github", "gitlab", "bitbucket", "image", "dockerfile_path", "build_command", "run_command"),
        *("source_dir", "environment_slug", "envs", "instance_size_slug", "instance_count", "autoscaling", "alerts"),
        *("log_destinations", "termination", "liveness_health_check"),
    },
    "services.github": {"repo", "branch", "deploy_on_push"},
    "workers.github": {"repo", "branch", "deploy_on_push"},
    "workers.termination": {"grace_period_seconds"},
    "workers.alerts": ALERT,
    "workers.envs": {"key", "value", "scope", "type"},
    "services.health_check": {
        *("initial_delay_seconds", "period_seconds", "timeout_seconds", "success_threshold", "failure_threshold"),
        *("http_path", "port"),
    },
    "services.termination": {"drain_seconds", "grace_period_seconds"},
    "services.alerts": ALERT,
    "services.envs": {"key", "value", "scope", "type"},
    "ingress": {"load_balancer", "load_balancer_size", "rules"},
    "ingress.rules": {"match", "component", "redirect", "cors"},
    "ingress.rules.match": {"path", "authority"},
    "ingress.rules.match.path": {"prefix", "exact"},
    "ingress.rules.component": {"name", "preserve_path_prefix", "rewrite"},
    "databases": {"name", "engine", "version", "production", "cluster_name", "db_name", "db_user"},
    "alerts": ALERT,
}
# Where the reference has a list of words or bounds for a value.
BOUNDS = {
    "initial_delay_seconds": (0, 3600),
    "period_seconds": (1, 300),
    "timeout_seconds": (1, 120),
    "success_threshold": (1, 50),
    "failure_threshold": (1, 50),
    "drain_seconds": (1, 110),
    "grace_period_seconds": (1, 600),
}
APP_ALERTS = {"DEPLOYMENT_FAILED", "DEPLOYMENT_LIVE", "DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELED", "DOMAIN_FAILED"}
COMPONENT_ALERTS = {"CPU_UTILIZATION", "MEM_UTILIZATION", "RESTART_COUNT"}
WINDOWS = {"FIVE_MINUTES", "TEN_MINUTES", "THIRTY_MINUTES", "ONE_HOUR"}
BOUND_TO = re.compile(r"\$\{(\w+)\.DATABASE_URL\}")


def objects(value, level=""):
    """(level, object) of every object in the spec; a list has the level of its items."""
    if isinstance(value, dict):
        yield level, value
        for key, inner in value.items():
            yield from objects(inner, f"{level}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, level)


def test_no_key_is_unknown_to_the_platform():
    unknown = [(level, key) for level, found in objects(SPEC) for key in found.keys() - KNOWN.get(level, set())]
    assert unknown == []


def test_every_setting_is_there_exactly_once_as_a_string_for_run_time():
    assert sorted(item["key"] for item in WEB["envs"]) == sorted(config.variables())
    assert {item["scope"] for item in WEB["envs"]} == {"RUN_TIME"}
    assert all(isinstance(item.get("value", ""), str) for item in WEB["envs"])


def test_a_secret_comes_from_the_platform_or_is_one_without_a_value():
    secrets = {item["key"]: item for item in WEB["envs"] if item["key"] in config.SECRETS}
    bound = {key: BOUND_TO.fullmatch(item["value"])[1] for key, item in secrets.items() if "value" in item}
    assert bound == {"DATABASE_URL": "db", "REDIS_URL": "redis"}
    assert {key: item["type"] for key, item in secrets.items() if key not in bound} == {"OPENPHONE_API_KEY": "SECRET"}
    assert bound.keys() <= config.variables().keys()
    assert set(bound.values()) == set(DATABASES)


def test_what_is_set_can_be_started_with_and_is_the_default_but_for_where_things_are():
    values = {item["key"]: item["value"] for item in WEB["envs"] if item["key"] not in config.SECRETS}
    found = config.load_settings({**MINIMAL, **values, "OPENPHONE_API_KEY": "key"})
    defaults = config.load_settings({"DATABASE_URL": MINIMAL["DATABASE_URL"], "OPENPHONE_API_KEY": "key"})
    differing = {name for name in type(found).model_fields if getattr(found, name) != getattr(defaults, name)}
    assert differing == {"web_bind", "proxy_hops", "db_statement_timeout_ms"}
    assert found.statement_timeout_ms == defaults.statement_timeout_ms
    assert (found.gunicorn_timeout, found.gunicorn_workers) == (300, 4)
    assert found.proxy_hops == 1
    assert found.web_bind == f"0.0.0.0:{WEB['http_port']}"


def test_a_health_check_has_a_timeout_of_its_own_and_outlasts_the_wait_for_the_database():
    check = WEB["health_check"]
    assert set(check) == KNOWN["services.health_check"]
    assert check["http_path"] == "/healthz"
    assert check["port"] == WEB["http_port"]
    assert check["timeout_seconds"] <= check["period_seconds"] < config.DEFAULT_GUNICORN_TIMEOUT
    defaults = config.load_settings(MINIMAL)
    assert check["period_seconds"] * check["failure_threshold"] > defaults.database_wait_seconds
    assert WEB["termination"]["grace_period_seconds"] > defaults.gunicorn_graceful_timeout


@pytest.mark.parametrize("name", BOUNDS)
def test_a_number_is_within_the_platforms_bounds(name):
    objects_with_numbers = [WEB["health_check"], *(component["termination"] for component in COMPONENTS)]
    found = [each[name] for each in objects_with_numbers if name in each]
    assert found
    assert all(BOUNDS[name][0] <= number <= BOUNDS[name][1] for number in found)


def test_every_alert_is_one_of_its_level():
    assert {alert["rule"] for alert in SPEC["alerts"]} <= APP_ALERTS
    alerts = [alert for component in COMPONENTS for alert in component["alerts"]]
    assert {alert["rule"] for alert in alerts} <= COMPONENT_ALERTS
    assert all(alert["operator"] in {"GREATER_THAN", "LESS_THAN"} for alert in alerts)
    assert {alert["window"] for alert in alerts} <= WINDOWS


def test_the_image_is_built_from_a_file_whose_last_stage_is_the_app_alone():
    assert re.fullmatch(r"[^/]+/[^/]+", WEB["github"]["repo"])
    assert not {"environment_slug", "build_command", "run_command"} & set(WEB)
    for component in (WORKER, BEAT):
        assert {key: component[key] for key in ("github", "dockerfile_path", "source_dir")} == {
            key: WEB[key] for key in ("github", "dockerfile_path", "source_dir")
        }
    text = (config.ROOT / WEB["dockerfile_path"]).read_text()
    assert re.findall(r"^FROM .* AS (\S+)$", text, re.MULTILINE)[-1] == "runtime"


def test_worker_and_beat_have_webs_settings_and_are_started_by_the_entrypoint():
    assert WEB["envs"] == WORKER["envs"] == BEAT["envs"]
    assert [each["run_command"] for each in (WORKER, BEAT)] == ["./entrypoint.sh worker", "./entrypoint.sh beat"]


def test_there_is_one_beat_and_a_worker_has_time_to_save_what_it_works_on():
    assert BEAT["instance_count"] == 1
    assert WORKER["termination"]["grace_period_seconds"] == 40


def test_all_requests_go_to_web():
    assert SPEC["ingress"]["rules"] == [{"match": {"path": {"prefix": "/"}}, "component": {"name": WEB["name"]}}]


def test_a_production_database_names_its_cluster():
    assert {name: database["engine"] for name, database in DATABASES.items()} == {"db": "PG", "redis": "VALKEY"}
    assert all(database["production"] and database["cluster_name"] for database in DATABASES.values())
    assert int(DATABASES["db"]["version"]) >= 15
