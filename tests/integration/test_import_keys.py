import pytest
import requests
from importing import numbers

from app import admin, create_app
from config import load_settings

pytestmark = pytest.mark.postgresql

NOBODY = "00000000-0000-0000-0000-000000000000"
ROUTES = [
    ("GET", "/api/imports"),
    ("POST", "/api/imports"),
    ("GET", f"/api/imports/{NOBODY}"),
    ("GET", f"/api/imports/{NOBODY}/errors.csv"),
    ("POST", f"/api/imports/{NOBODY}/resume"),
    ("POST", f"/api/imports/{NOBODY}/cancel"),
    ("GET", "/api/contacts"),
    ("GET", "/api/properties"),
    ("GET", "/api/openphone"),
    ("GET", "/api/openphone/dead-letters"),
    ("POST", "/api/openphone/dead-letters/retry"),
]


@pytest.fixture
def command(offline, monkeypatch, capsys):
    for name, value in offline.trial.env.items():
        monkeypatch.setenv(name, value)

    def run(*arguments):
        code = admin.main(list(arguments))
        printed = capsys.readouterr()
        return code, printed.out.strip(), printed.err.strip()

    return run


def asked(app, method, path, authorization=None):
    headers = {"Authorization": authorization} if authorization else {}
    return requests.request(method, app.url + path, headers=headers, timeout=30)


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("authorization", [None, "Bearer nobodys", "Bearer", "Bearer  ", "Basic {key}", "{key}", "x"])
def test_without_a_key_in_force_every_route_says_401_and_how_to_get_one(offline, method, path, authorization):
    authorization = authorization and authorization.format(key=offline.trial.api_key)
    answer = asked(offline, method, path, authorization)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["type"] == "urn:timeoutlab:problem:unauthorized"
    assert "create-key" in answer.json()["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_route_of_the_api_is_among_those_that_need_a_key(offline):
    rules = create_app(load_settings(offline.trial.env)).url_map.iter_rules()
    known = {(method, path.replace(NOBODY, "<uuid:import_id>")) for method, path in ROUTES}
    open_to_all = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/static/<path:filename>")}
    assert {
        (method, rule.rule) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}
    } == known | open_to_all


def test_a_wrong_key_does_not_get_as_far_as_the_upload(offline):
    before = offline.newest()
    answer = offline.upload(b"phone\n+14045550100\n" * 40_000, headers={"Authorization": "Bearer nobodys"})
    assert answer.status_code == 401
    assert offline.newest() == before


def test_an_answer_that_comes_before_the_upload_is_read_reaches_the_client(offline):
    size = 900_000  # more than the sockets on the way hold
    answers = [
        offline.upload(b"phone\n" + b" " * size, headers={"Authorization": "Bearer nobodys"}).status_code
        for _ in range(50)
    ]
    assert answers == [401] * 50


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_need_no_key(offline, path):
    assert asked(offline, "GET", path).status_code == 200


def test_a_key_works_from_its_making_to_its_revoking_and_is_nowhere_in_the_database(offline, command):
    code, key, _ = command("create-key", "Ada's script")
    assert code == 0
    assert asked(offline, "GET", "/api/imports", f"Bearer {key}").status_code == 200
    assert asked(offline, "GET", "/api/imports", f"bearer {key}").status_code == 200
    assert asked(offline, "GET", "/api/imports", f"Bearer {key[:-1]}").status_code == 401
    assert key[3:] not in str(offline.sql("SELECT * FROM api_keys")) + str(offline.sql("SELECT * FROM audit_events"))

    [line] = [line for line in command("list-keys")[1].splitlines() if line.endswith("in force Ada's script")]
    key_id = line.split()[0]
    assert command("revoke-key", key_id)[0] == 0
    assert asked(offline, "GET", "/api/imports", f"Bearer {key}").status_code == 401
    assert "revoked Ada's script" in command("list-keys")[1]
    assert command("revoke-key", key_id)[0] == 1
    assert command("revoke-key", "no such id")[2].startswith("revoke-key: no key in force has the id 'no such id'")
    assert offline.sql("SELECT action FROM audit_events WHERE subject = %s ORDER BY id", (key_id,)) == [
        ("key.created",),
        ("key.revoked",),
    ]


def test_the_log_has_neither_keys_nor_phone_numbers(offline):
    [phone] = numbers(1)
    offline.upload(f"phone,email\n{phone},a@b.co\n{phone},broken\n".encode())
    offline.get("/api/contacts", phone=phone)
    log = offline.trial.logs()
    assert "POST /api/imports" in log
    assert offline.trial.api_key not in log
    assert phone[1:] not in log


def test_a_request_id_of_the_clients_is_kept_if_it_is_a_plain_one(offline):
    assert offline.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert offline.get("/healthz", headers={"X-Request-ID": 'a"b{}'}).headers["X-Request-ID"] != 'a"b{}'
    assert '"request_id": "abc-1"' in offline.trial.logs()
