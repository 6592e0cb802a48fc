import json
from pathlib import Path

import pytest

from loadtest.openphone import rules
from loadtest.openphone.envelope import DOCS, kind_of
from loadtest.openphone.routes import match

DOCUMENT = Path(__file__).parents[2].parent / "shared" / "openphone-v1.yaml"
ANNOTATIONS = {"description", "examples", "default", "title"}

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the vendor's OpenAPI document is not there: {DOCUMENT}")


@pytest.fixture(scope="module")
def paths():
    return json.loads(DOCUMENT.read_text())["paths"]


def structure(schema):
    if isinstance(schema, list):
        return [structure(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for name, value in schema.items():
        if name == "properties":
            kept[name] = {field: structure(rule) for field, rule in value.items()}
        elif name not in ANNOTATIONS:
            kept[name] = structure(value)
    return kept


def stored(name):
    return json.loads((rules.SCHEMAS / f"{name}.json").read_text())


def content(part):
    return part["content"]["application/json"]["schema"]


def contact_operations(paths):
    for path, operations in paths.items():
        if path.startswith(("/v1/contacts", "/v1/contact-")):
            for method, operation in operations.items():
                yield method.upper(), path, operation


@pytest.mark.parametrize(
    ("name", "path", "method"),
    [("create-contact", "/v1/contacts", "post"), ("update-contact", "/v1/contacts/{id}", "patch")],
)
def test_the_stored_request_schema_is_the_documents(paths, name, path, method):
    assert stored(name) == structure(content(paths[path][method]["requestBody"]))


def test_the_stored_list_parameters_are_the_documents(paths):
    parameters = paths["/v1/contacts"]["get"]["parameters"]
    assert {parameter["in"] for parameter in parameters} == {"query"}
    assert stored("list-contacts") == {
        "type": "object",
        "properties": {parameter["name"]: structure(parameter["schema"]) for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter["required"]],
    }


def test_the_stored_custom_field_is_that_of_a_reply(paths):
    contact = content(paths["/v1/contacts"]["post"]["responses"]["201"])["properties"]["data"]
    assert stored("custom-field") == structure(contact["properties"]["customFields"]["items"])


def test_the_reserved_sources_are_those_of_the_documents_prose(paths):
    source = content(paths["/v1/contacts"]["post"]["requestBody"])["properties"]["source"]
    words, prefixes = source["description"].split("reserved words:")[1].split("reserved prefixes:")
    assert {word.strip("` ,.") for word in words.split("or start with")[0].split(",")} == rules.RESERVED_SOURCES
    assert tuple(word.strip("` ,.") for word in prefixes.split(",")) == rules.RESERVED_PREFIXES
    assert source["default"] == "public-api"


def test_every_contact_operation_of_the_document_has_a_route(paths):
    asked = [(method, path) for method, path, _ in contact_operations(paths)]
    assert len(asked) == 6
    for method, path in asked:
        assert match(method, path.replace("{id}", "some-id")).route == f"{method} {path}"


def test_error_codes_and_titles_are_the_documents_for_every_operation(paths):
    checked = 0
    for method, path, operation in contact_operations(paths):
        for status, response in operation["responses"].items():
            if status < "400":
                continue
            fixed = {name: rule.get("const") for name, rule in content(response)["properties"].items()}
            kind = kind_of(f"{method} {path}", int(status))
            assert (kind.code, kind.title, int(status), DOCS) == tuple(
                fixed[name] for name in ("code", "title", "status", "docs")
            )
            assert kind.described == ("description" in content(response)["required"])
            checked += 1
    assert checked == 35
