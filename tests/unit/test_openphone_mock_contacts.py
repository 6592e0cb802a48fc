import json
from types import SimpleNamespace

import pytest

from loadtest.openphone.account import Account
from loadtest.openphone.limiter import Limit
from loadtest.openphone.operations import Call, answer
from loadtest.openphone.profile import Profile
from loadtest.openphone.routes import match

PHONES = [{"name": "mobile", "value": "+14155550100"}, {"name": "work", "value": "+14155550101"}]
EMAILS = [{"name": "work", "value": "ada@example.com"}]
ADA = {"firstName": "Ada", "lastName": "Lovelace", "company": "Engines", "emails": EMAILS, "phoneNumbers": PHONES}


@pytest.fixture
def account():
    return Account(Profile(limit=Limit(per_second=0)), most_contacts=5)


@pytest.fixture
def api(account):
    def call(method, path, body=None, now=1_700_000_000.0, **query):
        matched = match(method, path)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = answer(account, Call(matched.route, matched.contact_id, query, raw, now))
        return SimpleNamespace(status=reply.status, body=json.loads(reply.body) if reply.body else None)

    return call


@pytest.fixture
def create(api):
    def make(external_id=None, **fields):
        body = {"defaultFields": {**ADA, **fields}, "externalId": external_id}
        return api("POST", "/v1/contacts", body)

    return make


def find(api, *external_ids, most="50", **query):
    return api("GET", "/v1/contacts", externalIds=list(external_ids), maxResults=[most], **query)


def values(contact, name):
    return [item["value"] for item in contact["defaultFields"][name]]


def test_a_created_contact_has_every_field_and_can_be_got(api):
    made = api("POST", "/v1/contacts", {"defaultFields": {"firstName": None}})
    assert made.status == 201
    contact = made.body["data"]
    assert contact["defaultFields"] == {
        "company": None,
        "emails": [],
        "firstName": None,
        "lastName": None,
        "phoneNumbers": [],
        "role": None,
    }
    assert (contact["source"], contact["externalId"], contact["customFields"]) == ("public-api", None, [])
    assert contact["createdAt"] == contact["updatedAt"] == "2023-11-14T22:13:20.000Z"
    got = api("GET", f"/v1/contacts/{contact['id']}")
    assert (got.status, got.body["data"]) == (200, contact)


def test_a_known_external_id_is_a_conflict_and_adds_nothing(create, account):
    create("c-1")
    refused = create("c-1", firstName="Grace")
    assert (refused.status, refused.body["code"], refused.body["title"]) == (409, "0800409", "Conflict")
    assert (len(account.store), account.counters.created, account.counters.duplicate_external_ids) == (1, 1, 1)


def test_a_known_phone_and_a_missing_external_id_are_accepted_twice(create, account):
    assert [create().status, create().status] == [201, 201]
    assert len(account.store) == 2


def test_a_deleted_contact_is_gone_and_its_external_id_free(create, api, account):
    contact_id = create("c-1").body["data"]["id"]
    assert api("DELETE", f"/v1/contacts/{contact_id}").status == 204
    assert api("GET", f"/v1/contacts/{contact_id}").status == 404
    assert create("c-1").status == 201
    assert account.counters.deleted == 1


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_contact_is_not_found(api, method):
    missing = api(method, "/v1/contacts/nobody", {})
    assert (missing.status, missing.body["code"]) == (404, "0800404")


def test_an_update_replaces_the_lists_it_gives(create, api):
    contact = create("c-1").body["data"]
    phones = [{"name": "home", "value": "+14155550109"}]
    changed = api("PATCH", f"/v1/contacts/{contact['id']}", {"defaultFields": {"phoneNumbers": phones}})
    assert changed.status == 200
    assert values(changed.body["data"], "phoneNumbers") == ["+14155550109"]


def test_an_update_deletes_the_lists_that_its_default_fields_leave_out(create, api):
    contact = create("c-1").body["data"]
    changed = api("PATCH", f"/v1/contacts/{contact['id']}", {"defaultFields": {"role": "Countess"}}).body["data"]
    assert (values(changed, "emails"), values(changed, "phoneNumbers")) == ([], [])
    assert (changed["defaultFields"]["role"], changed["defaultFields"]["lastName"]) == ("Countess", "Lovelace")


def test_an_update_without_default_fields_leaves_them_alone(create, api):
    contact = create("c-1").body["data"]
    changed = api("PATCH", f"/v1/contacts/{contact['id']}", {"source": "crm"}, now=1_700_000_001.0).body["data"]
    assert changed["defaultFields"] == contact["defaultFields"]
    assert (changed["source"], changed["updatedAt"] > changed["createdAt"]) == ("crm", True)


def test_an_item_updated_to_null_goes_and_the_others_keep_their_ids(create, api):
    contact = create("c-1").body["data"]
    first, second = contact["defaultFields"]["phoneNumbers"]
    given = [{**first, "value": None}, second, {"name": "new", "value": "+14155550105", "id": "made-up"}]
    changed = api("PATCH", f"/v1/contacts/{contact['id']}", {"defaultFields": {"phoneNumbers": given}}).body["data"]
    kept, new = changed["defaultFields"]["phoneNumbers"]
    assert kept == second
    assert new["id"] not in {"made-up", first["id"], second["id"]}


def test_an_update_to_anothers_external_id_is_a_conflict(create, api):
    create("c-1")
    contact_id = create("c-2").body["data"]["id"]
    assert api("PATCH", f"/v1/contacts/{contact_id}", {"externalId": "c-1"}).status == 409
    assert api("PATCH", f"/v1/contacts/{contact_id}", {"externalId": "c-2"}).status == 200


def test_an_updated_external_id_is_found_and_the_old_one_free(create, api):
    contact_id = create("c-1").body["data"]["id"]
    api("PATCH", f"/v1/contacts/{contact_id}", {"externalId": "c-9"})
    assert [contact["id"] for contact in find(api, "c-1", "c-9").body["data"]] == [contact_id]
    assert create("c-1").status == 201
    api("PATCH", f"/v1/contacts/{contact_id}", {"externalId": None})
    assert find(api, "c-9").body["data"] == []


def test_a_list_pages_through_what_was_asked_for(create, api):
    for n in range(4):
        create(f"c-{n}")
    page = find(api, "c-3", "nobody", "c-1", "c-1", "c-0", most="2").body
    assert [contact["externalId"] for contact in page["data"]] == ["c-3", "c-1"]
    assert page["totalItems"] == 3
    last = find(api, "c-3", "nobody", "c-1", "c-0", most="2", pageToken=[page["nextPageToken"]]).body
    assert [contact["externalId"] for contact in last["data"]] == ["c-0"]
    assert last["nextPageToken"] is None


def test_a_list_keeps_to_the_sources_asked_for(api):
    for external_id, source in (("c-1", "crm"), ("c-2", "other-crm")):
        body = {"defaultFields": {"firstName": "Ada"}, "externalId": external_id, "source": source}
        assert api("POST", "/v1/contacts", body).status == 201
    found = find(api, "c-1", "c-2", sources=["crm"]).body["data"]
    assert [contact["externalId"] for contact in found] == ["c-1"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, ""),
        ({"externalIds": ["a"]}, ""),
        ({"maxResults": ["5"]}, ""),
        ({"externalIds": ["a"], "maxResults": ["0"]}, "/maxResults"),
        ({"externalIds": ["a"], "maxResults": ["51"]}, "/maxResults"),
        ({"externalIds": ["a"], "maxResults": ["5.0"]}, "/maxResults"),
        ({"externalIds": ["a"], "maxResults": ["²"]}, "/maxResults"),
        ({"externalIds": ["a", ""], "maxResults": ["5"]}, "/externalIds/1"),
        ({"externalIds": ["x" * 76], "maxResults": ["5"]}, "/externalIds/0"),
        ({"externalIds": ["a"], "maxResults": ["5"], "sources": [""]}, "/sources/0"),
        ({"externalIds": ["a"], "maxResults": ["5"], "pageToken": ["-1"]}, "/pageToken"),
    ],
)
def test_a_bad_query_is_refused_and_the_parameter_named(api, query, path):
    refused = api("GET", "/v1/contacts", **query)
    assert (refused.status, refused.body["code"]) == (400, "0801400")
    assert refused.body["errors"][0]["path"] == path


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[" * 50_000, ""),
        (b'{"defaultFields": {"firstName": NaN}}', ""),
        (b'{"defaultFields": {"firstName": "\\ud800"}}', ""),  # half a character
        ([], ""),
        ({}, ""),
        ({"defaultFields": {}}, "/defaultFields"),
        ({"defaultFields": {"firstName": 1}}, "/defaultFields/firstName"),
        ({"defaultFields": {"firstName": "A", "emails": [{"name": "x"}]}}, "/defaultFields/emails/0"),
        (
            {"defaultFields": {"firstName": "A", "phoneNumbers": [{"name": None, "value": ""}]}},
            "/defaultFields/phoneNumbers/0/name",
        ),
        ({"defaultFields": {"firstName": "A"}, "externalId": ""}, "/externalId"),
        ({"defaultFields": {"firstName": "A"}, "externalId": "x" * 76}, "/externalId"),
        ({"defaultFields": {"firstName": "A"}, "source": "x" * 73}, "/source"),
        ({"defaultFields": {"firstName": "A"}, "source": None}, "/source"),
        ({"defaultFields": {"firstName": "A"}, "sourceUrl": "not a link"}, "/sourceUrl"),
        ({"defaultFields": {"firstName": "A"}, "createdByUserId": "AC1"}, "/createdByUserId"),
        ({"defaultFields": {"firstName": "A"}, "customFields": [{"key": "nope", "value": 1}]}, "/customFields/0/key"),
        ({"defaultFields": {"firstName": "A"}, "customFields": [{"value": 1}]}, "/customFields/0/key"),
        (
            {"defaultFields": {"firstName": "A"}, "customFields": [{"key": "estimated-equity", "value": "1"}]},
            "/customFields/0/value",
        ),
    ],
)
def test_a_bad_body_is_refused_and_the_place_named(api, account, body, path):
    refused = api("POST", "/v1/contacts", body)
    assert (refused.status, refused.body["code"]) == (400, "0801400")
    assert refused.body["title"] == refused.body["description"] == "Invalid Custom Field Item"
    assert refused.body["errors"][0]["path"] == path
    assert len(account.store) == 0


@pytest.mark.parametrize(
    "source", ["openphone", "openphone-x", "csv", "csv2", "device", "zapier", "google-people", "other"]
)
def test_a_reserved_source_is_refused(api, source):
    refused = api("POST", "/v1/contacts", {"defaultFields": {"firstName": "A"}, "source": source})
    assert (refused.status, refused.body["errors"][0]["path"]) == (400, "/source")


@pytest.mark.parametrize("source", ["timeoutlab", "devices", "other-crm", "my-csv", "x" * 72])
def test_a_free_source_is_kept(api, source):
    made = api("POST", "/v1/contacts", {"defaultFields": {"firstName": "A"}, "source": source})
    assert (made.status, made.body["data"]["source"]) == (201, source)


def test_custom_fields_are_filled_by_key_and_listed(api):
    listed = {field["key"]: field for field in api("GET", "/v1/contact-custom-fields").body["data"]}
    given = [
        {"key": "lists", "value": ["a", "b"]},
        {"key": "notes", "value": None},
        {"key": "do-not-call", "value": True},
    ]
    made = api("POST", "/v1/contacts", {"defaultFields": {"firstName": "A"}, "customFields": given}).body["data"]
    assert [(field["key"], field["value"]) for field in made["customFields"]] == [
        ("lists", ["a", "b"]),
        ("do-not-call", True),
    ]
    assert all(field["name"] == listed[field["key"]]["name"] for field in made["customFields"])


def test_a_full_store_says_how_much_it_keeps(create):
    for n in range(5):
        assert create(f"c-{n}").status == 201
    refused = create("c-5")
    assert refused.status == 422
    assert "5 contacts per account" in refused.body["message"]
