"""What a kind of CSV is made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.imports.cells import CellError
from app.imports.columns import Block, Column, Columns
from app.imports.parsed import CLEAR, Parsed
from app.imports.phone import PhoneError, e164, phone_key


class FieldError(ValueError):
    """A cell that can't be used: *code* for programs, *reason* and *fix* for people."""

    def __init__(self, name: str, code: str, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.field = name
        self.code = code
        self.reason = reason
        self.fix = fix


class Cells:
    """One row's cells by field, and those of columns that no one knows by their names."""

    __slots__ = ("extra", "number", "region", "texts")

    def __init__(self, number: int, texts: Mapping[str, str], extra: Mapping[str, str], region: str) -> None:
        self.number = number
        self.texts = texts
        self.extra = extra
        self.region = region

    def text(self, name: str) -> str | None:
        """The trimmed cell; None where it is empty or there is no such column; CLEAR where it says so."""
        found = self.texts.get(name, "").strip()
        if not found:
            return None
        return CLEAR if found[0] == "[" and found.lower() == CLEAR else found

    def read(self, name: str, understand: Callable[[str], str]) -> str | None:
        """The cell as *understand* writes it. Raises FieldError."""
        found = self.texts.get(name, "").strip()
        if not found:
            return None
        if found[0] == "[" and found.lower() == CLEAR:
            return CLEAR
        try:
            return understand(found)
        except CellError as error:
            raise FieldError(name, error.code, error.reason, error.fix) from None

    def phone(self, name: str) -> str:
        """The phone as E.164. Raises FieldError, also where there is none."""
        try:
            return e164(self._said(name), self.region)
        except PhoneError as error:
            raise FieldError(name, error.code, error.reason, error.fix) from None

    def phone_or_none(self, name: str) -> str | None:
        """The phone as E.164, None where there is none. Raises FieldError."""
        return self.phone(name) if self._said(name) else None

    def phone_key(self, name: str) -> str | None:
        """Equal for equal phones, and cheaper; None where there is certainly none."""
        return phone_key(self._said(name), self.region)

    def _said(self, name: str) -> str | None:
        found = self.text(name)
        return None if found is CLEAR else found

    def unknown(self) -> dict[str, str | None]:
        """What the columns that no one knows say; None for what is to be emptied."""
        said = {name: text for name, cell in self.extra.items() if (text := cell.strip())}
        return {name: None if text.lower() == CLEAR else text for name, text in said.items()}


Key = tuple[str, str]  # target and key


@dataclass(frozen=True)
class Kind:
    """A kind of CSV. *fields*: the header names each goes by, the preferred one first.

    *parse* makes a row of its cells (raises FieldError); *keys* tells cheaply what a row may have in common with
    others. *blocks* and *shared* do the same for many rows at once, but for those that the columns find wrong or
    clearing: what they say by target, and the keys by column. *unless* names fields that mean
    nothing beside others: a whole name beside first and last name.
    """

    name: str
    about: str  # the target that a row is one of
    fields: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    parse: Callable[[Cells], Parsed]
    keys: Callable[[Cells], Iterable[Key]]
    blocks: Callable[[Columns], Mapping[str, Sequence[Block]]]
    shared: Callable[[Columns], Iterable[Column]]
    targets: tuple[str, ...]
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    goes_to: str = "list"  # or "campaign": the option that names where its contacts go
    has_trailer: bool = False
