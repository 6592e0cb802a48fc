"""The account's custom fields: the vendor lets only its own pages make them, so the mock has a fixed set."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from loadtest.openphone.rules import Schema, Violation, violation


class CustomField(NamedTuple):
    """A field that contacts may fill, by its `key`."""

    name: str
    key: str
    type: str


# One of each type that the document knows.
FIELDS: Final = (
    CustomField("Property Address", "property-address", "address"),
    CustomField("Do Not Call", "do-not-call", "boolean"),
    CustomField("Last Visit", "last-visit", "date"),
    CustomField("Lists", "lists", "multi-select"),
    CustomField("Estimated Equity", "estimated-equity", "number"),
    CustomField("Notes", "notes", "string"),
    CustomField("Website", "website", "url"),
)
_BY_KEY: Final = {field.key: field for field in FIELDS}
_FILLED: Final = Schema("custom-field")


class CustomFieldError(ValueError):
    """A custom field of a request that the account does not have, or whose value has another type."""

    def __init__(self, found: Violation) -> None:
        super().__init__(found["message"])
        self.violation = found


def fill(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The request's `customFields` as a contact keeps them, without those whose value is null.

    Raises CustomFieldError.
    """
    filled = []
    for index, item in enumerate(items):
        field = _BY_KEY.get(item.get("key", ""))
        if field is None:
            known = ", ".join(_BY_KEY)
            path, key = f"/customFields/{index}/key", item.get("key")
            raise CustomFieldError(violation(path, f"no such custom field; this account has {known}", key, "string"))
        value = item["value"]
        if value is None:
            continue
        kept = {**field._asdict(), "id": f"cf-{field.key}", "value": value}
        if _FILLED.violations(kept):
            path = f"/customFields/{index}/value"
            raise CustomFieldError(violation(path, f"is not a value of type {field.type}", value, field.type))
        filled.append(kept)
    return filled
