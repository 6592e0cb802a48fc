"""A row's cells to a contact, or to the reason why not."""

import re
from dataclasses import dataclass

import phonenumbers

from app.imports.layout import Layout
from app.imports.source import Row

# One "@", no spaces, a dot in the domain: what a person would see as wrong, not RFC 5322.
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was not imported: *code* for programs, *reason* for people."""

    row: Row
    column: str
    value: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Turns rows of one file into contacts."""

    layout: Layout
    region: str
    cell_max_chars: int

    def contact(self, row: Row) -> dict[str, str | None] | RowProblem:
        """The contact's fields by name (None where the file says nothing), ``phone`` as E.164, or what is wrong."""
        problem = self._shape(row)
        if problem:
            return problem
        contact: dict[str, str | None] = {
            field: row.cells[place].strip() or None for field, place in self.layout.position.items()
        }
        try:
            contact["phone"] = e164(contact["phone"], self.region)
        except PhoneError as error:
            return self._problem(row, "phone", error.code, str(error))
        email = contact.get("email")
        if email is not None and not EMAIL.fullmatch(email):
            return self._problem(row, "email", "email_invalid", "not an email address; correct it or leave it empty")
        return contact

    def _shape(self, row: Row) -> RowProblem | None:
        """What is wrong with a row before any cell is understood."""
        width = self.layout.width
        if len(row.cells) != width:
            return RowProblem(
                row,
                "",
                "",
                "ragged_row",
                f"{len(row.cells)} cells where the header has {width}; look for a comma or a quote too many or too few",
            )
        for name, cell in zip(self.layout.header, row.cells, strict=True):
            if len(cell) > self.cell_max_chars:
                return RowProblem(
                    row,
                    name,
                    cell[:100],
                    "cell_too_long",
                    f"{len(cell)} characters, more than {self.cell_max_chars}; is a closing quote missing?",
                )
            if "\0" in cell:
                return RowProblem(row, name, cell, "nul_byte", "holds a NUL byte; remove it")
        return None

    def _problem(self, row: Row, field: str, code: str, reason: str) -> RowProblem:
        place = self.layout.position[field]
        return RowProblem(row, self.layout.header[place], row.cells[place], code, reason)


class PhoneError(ValueError):
    """Not a phone number. The message says why and what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def e164(raw: str | None, region: str) -> str:
    """*raw* as E.164, exactly as ``phonenumbers`` sees it, with numbers without a country code read as of *region*.

    Raises PhoneError. An area code is never invented.
    """
    if not raw:
        raise PhoneError("phone_missing", "empty; a contact is known by the phone number")
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError("phone_invalid", "not a phone number; write it with area code, e.g. +14045550123") from error
    if not phonenumbers.is_valid_number(number):
        digits = sum(character.isdecimal() for character in raw)
        if digits == 7 and region in phonenumbers.region_codes_for_country_code(1):
            raise PhoneError("phone_no_area_code", "seven digits; add the area code, none is guessed")
        raise PhoneError("phone_invalid", "no such phone number; check the digits and the area code")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
