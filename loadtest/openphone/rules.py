"""What the vendor refuses: the document's request schemas, and the rules that stand only in its prose."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

from jsonschema_rs import Draft202012Validator, ValidationError

SCHEMAS: Final = Path(__file__).parent / "schemas"

RESERVED_SOURCES: Final = frozenset({"openphone", "device", "csv", "zapier", "google-people", "other"})
RESERVED_PREFIXES: Final = ("openphone", "csv")

_MOST_VIOLATIONS: Final = 20

Violation = dict[str, Any]


class Schema:
    """One of the JSON files of `schemas/` (structure only, no descriptions), compiled once."""

    def __init__(self, name: str) -> None:
        self._schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        self._validator = Draft202012Validator(self._schema, validate_formats=True)

    def violations(self, value: Any) -> list[Violation]:
        """What is wrong with `value`, at most 20 things, each `{path, message, value, schema: {type}}`."""
        if self._validator.is_valid(value):
            return []
        return [self._violation(error) for error in islice(self._validator.iter_errors(value), _MOST_VIOLATIONS)]

    def _violation(self, error: ValidationError) -> Violation:
        rule: Any = self._schema
        for step in error.schema_path[:-1]:
            rule = rule[step]
        found = rule.get("type") or "|".join(str(option.get("type", "object")) for option in rule.get("anyOf", ()))
        path = "".join(f"/{step}" for step in error.instance_path)
        return violation(path, error.message, error.instance, found or "object")


def violation(path: str, message: str, value: Any, type_: str) -> Violation:
    """One entry of an error's `errors`; `path` is a JSON pointer into the request."""
    return {"path": path, "message": message[:300], "value": value, "schema": {"type": type_}}


_CREATE: Final = Schema("create-contact")
_UPDATE: Final = Schema("update-contact")
_LIST: Final = Schema("list-contacts")


def create_violations(body: Any) -> list[Violation]:
    """What is wrong with the body of a create."""
    if found := _CREATE.violations(body):
        return found
    source = body.get("source")
    if source is not None and (source in RESERVED_SOURCES or source.startswith(RESERVED_PREFIXES)):
        return [violation("/source", "is a reserved word or begins with a reserved prefix", source, "string")]
    return []


def update_violations(body: Any) -> list[Violation]:
    """What is wrong with the body of an update; the document reserves no sources here."""
    return _UPDATE.violations(body)


def list_query(query: Mapping[str, Iterable[str]]) -> tuple[dict[str, Any], list[Violation]]:
    """The list operation's parameters out of a query (each name with all its values), and what is wrong with them."""
    values: dict[str, Any] = {}
    for name in ("externalIds", "sources"):
        if name in query:
            values[name] = list(query[name])
    for name in ("maxResults", "pageToken"):
        for value in query.get(name, ()):
            values[name] = value
    number = values.get("maxResults", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        values["maxResults"] = int(number)
    return values, _LIST.violations(values)
