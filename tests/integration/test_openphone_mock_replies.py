import json
from pathlib import Path

import jsonschema_rs
import pytest
from test_openphone_mock import started

DOCUMENT = Path(__file__).parents[2].parent / "shared" / "openphone-v1.yaml"

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the vendor's OpenAPI document is not there: {DOCUMENT}")

FULL = {
    "defaultFields": {
        "firstName": "Zoë",
        "lastName": None,
        "company": "Engines",
        "role": "Countess",
        "emails": [{"name": "work", "value": "zoe@example.com"}],
        "phoneNumbers": [{"name": "mobile", "value": "+14155550100"}],
    },
    "customFields": [
        {"key": "property-address", "value": "1 Main St"},
        {"key": "do-not-call", "value": False},
        {"key": "last-visit", "value": "2026-11-23T16:00:00Z"},
        {"key": "lists", "value": ["a", "b"]},
        {"key": "estimated-equity", "value": -1.5},
        {"key": "website", "value": "https://example.com"},
    ],
    "source": "timeoutlab",
    "sourceUrl": "https://example.com/contacts/1",
    "externalId": "c-1",
}


@pytest.fixture(scope="module")
def paths():
    return json.loads(DOCUMENT.read_text())["paths"]


@pytest.fixture(scope="module")
def mock():
    with started() as running:
        yield running


@pytest.fixture
def ask(mock, paths):
    def call(account, method, path, *, status, contact_id="", **options):
        url = mock.url + path.replace("{id}", contact_id)
        answer = account.http.request(method, url, timeout=5, **options)
        assert answer.status_code == status, answer.text
        documented = paths[path][method.lower()]["responses"][str(status)]
        if "content" in documented:
            schema = documented["content"]["application/json"]["schema"]
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(answer.json())
            return answer.json()
        assert answer.content == b""
        return None

    return call


def test_what_is_answered_to_good_requests_is_valid_by_the_document(mock, ask):
    account = mock.account("good")
    bare = ask(account, "POST", "/v1/contacts", status=201, json={"defaultFields": {"firstName": None}})["data"]
    full = ask(account, "POST", "/v1/contacts", status=201, json=FULL)["data"]
    assert len(full["customFields"]) == 6
    query = {"externalIds": ["c-1", "c-2"], "maxResults": 1}
    assert ask(account, "GET", "/v1/contacts", status=200, params=query)["data"] == [full]
    assert ask(account, "GET", "/v1/contacts/{id}", status=200, contact_id=full["id"])["data"] == full
    for contact in (bare, full):
        change = {"defaultFields": full["defaultFields"], "externalId": contact["externalId"], "source": None}
        ask(account, "PATCH", "/v1/contacts/{id}", status=200, contact_id=contact["id"], json=change)
    ask(account, "DELETE", "/v1/contacts/{id}", status=204, contact_id=bare["id"])
    assert len(ask(account, "GET", "/v1/contact-custom-fields", status=200)["data"]) == 7


def test_what_is_answered_to_bad_requests_is_valid_by_the_document(mock, ask):
    account = mock.account("bad")
    first = ask(account, "POST", "/v1/contacts", status=201, json=FULL)["data"]
    ask(account, "POST", "/v1/contacts", status=409, json=FULL)
    for body in ({}, [], {"defaultFields": {"firstName": 1}, "externalId": ""}, {**FULL, "source": "csv"}):
        assert ask(account, "POST", "/v1/contacts", status=400, json=body)["errors"]
    other = ask(account, "POST", "/v1/contacts", status=201, json={**FULL, "externalId": "c-2"})["data"]
    taken = {"externalId": first["externalId"]}
    ask(account, "PATCH", "/v1/contacts/{id}", status=409, contact_id=other["id"], json=taken)
    ask(account, "PATCH", "/v1/contacts/{id}", status=400, contact_id=other["id"], json={"sourceUrl": "x"})
    ask(account, "GET", "/v1/contacts", status=400, params={"externalIds": "c-1"})
    for method in ("GET", "PATCH", "DELETE"):
        ask(account, method, "/v1/contacts/{id}", status=404, contact_id="nobody", json={})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
def test_an_injected_status_is_valid_by_the_document_where_it_is_documented(mock, ask, paths, status):
    account = mock.account("injected", faults=[{"kind": "status", "status": status, "rate": 1}])
    asked = 0
    for path in ("/v1/contacts", "/v1/contacts/{id}", "/v1/contact-custom-fields"):
        for method, operation in paths[path].items():
            if str(status) in operation["responses"]:
                ask(account, method.upper(), path, status=status, contact_id="nobody")
                asked += 1
    assert asked >= 5


def test_a_request_without_a_key_is_answered_as_documented(mock, ask):
    account = mock.account("keyless")
    del account.http.headers["Authorization"]
    for method, path in (("POST", "/v1/contacts"), ("GET", "/v1/contact-custom-fields")):
        ask(account, method, path, status=401)
