"""What a client may ask of an import."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from app.imports.layout import KINDS, Kind
from app.problem import Problem

# What is built. The rest of the design's words get an answer that names these.
BUILT = {
    "kind": tuple(KINDS),
    "mode": ("auto", "sync"),
    "on_duplicate": ("update",),
    "dry_run": ("false",),
}
NAME_MAX_CHARS = 200


@dataclass(frozen=True)
class Options:
    """The checked options of one import."""

    kind: Kind
    mode: str
    on_duplicate: str
    list_name: str


def parse(form: Mapping[str, str], filename: str) -> Options:
    """The options in *form*. Raises Problem (400) naming the option, its value and what there is."""
    unknown = sorted(set(form) - {*BUILT, "list"})
    if unknown:
        raise Problem(
            400,
            "unknown-option",
            "Unknown option",
            f"There is no option {', '.join(unknown)}; there are: {', '.join(sorted({*BUILT, 'list'}))}.",
            options=unknown,
        )
    defaults = {"mode": "auto", "on_duplicate": "update", "dry_run": "false"}
    chosen = {name: form.get(name, defaults.get(name)) for name in BUILT}
    for name, value in chosen.items():
        if value not in BUILT[name]:
            given = "is missing" if value is None else f"is {value[:100]!r}"
            raise Problem(
                400,
                "bad-option",
                "An option can't be used",
                f"The option {name} {given}; what is built: {', '.join(BUILT[name])}.",
                option=name,
                allowed=list(BUILT[name]),
            )
    list_name = form.get("list", "").strip() or PurePath(filename).stem or "import"
    if len(list_name) > NAME_MAX_CHARS or "\0" in list_name:
        raise Problem(
            400,
            "bad-option",
            "An option can't be used",
            f"The option list must be a name of 1 to {NAME_MAX_CHARS} characters.",
            option="list",
        )
    return Options(KINDS[str(chosen["kind"])], str(chosen["mode"]), str(chosen["on_duplicate"]), list_name)
