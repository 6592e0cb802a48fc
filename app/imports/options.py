"""What a client may ask of an import."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from app.imports.kinds import KINDS
from app.imports.kinds.kind import Kind
from app.problem import Problem

# What there is.
CHOICES = {
    "kind": tuple(KINDS),
    "mode": ("auto", "sync", "async"),
    "on_duplicate": ("update", "skip", "fail"),
    "dry_run": ("false", "true"),
}
DEFAULTS = {"mode": "auto", "on_duplicate": "update", "dry_run": "false"}
NAMES = ("list", "campaign")
NAME_MAX_CHARS = 200


@dataclass(frozen=True)
class Options:
    """The checked options of one import; its contacts go to a list or, as the kind goes, to a campaign."""

    kind: Kind
    mode: str
    on_duplicate: str
    dry_run: bool
    list_name: str | None
    campaign_name: str | None

    @property
    def fingerprint(self) -> list[str]:
        """What makes two uploads of the same file the same."""
        goes_to = f"{self.kind.goes_to} {self.list_name or self.campaign_name}"
        return [self.kind.name, self.on_duplicate, str(self.dry_run), goes_to]


def parse(form: Mapping[str, str], filename: str) -> Options:
    """The options in *form*. Raises Problem (400) naming the option, its value and what there is."""
    known = sorted({*CHOICES, *NAMES})
    unknown = sorted(set(form) - set(known))
    if unknown:
        raise Problem(
            400,
            "unknown-option",
            "Unknown option",
            f"There is no option {', '.join(unknown)}; there are: {', '.join(known)}.",
            options=unknown,
        )
    chosen = {name: form.get(name, DEFAULTS.get(name)) for name in CHOICES}
    for name, value in chosen.items():
        if value not in CHOICES[name]:
            given = "is missing" if value is None else f"is {value[:100]!r}"
            raise _bad(name, f"{given}; there are: {', '.join(CHOICES[name])}", allowed=list(CHOICES[name]))
    kind = KINDS[str(chosen["kind"])]
    for name in NAMES:
        if name in form and name != kind.goes_to:
            raise _bad(name, f"is not for kind {kind.name}, whose contacts go to a {kind.goes_to}")
    name = form.get(kind.goes_to, "").strip() or PurePath(filename).stem or "import"
    if len(name) > NAME_MAX_CHARS or "\0" in name:
        raise _bad(kind.goes_to, f"must be a name of 1 to {NAME_MAX_CHARS} characters")
    return Options(
        kind,
        str(chosen["mode"]),
        str(chosen["on_duplicate"]),
        chosen["dry_run"] == "true",
        name if kind.goes_to == "list" else None,
        name if kind.goes_to == "campaign" else None,
    )


def _bad(name: str, why: str, **extensions: object) -> Problem:
    return Problem(400, "bad-option", "An option can't be used", f"The option {name} {why}.", option=name, **extensions)
