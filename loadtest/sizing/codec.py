"""Plain data (from TOML or JSON) into frozen dataclasses, by their type hints; every error says where."""

import dataclasses
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from loadtest.errors import UsageError

_NAMES = {int: "a whole number", float: "a number", str: "a string", bool: "true or false"}


def decode(kind: Any, value: object, where: str) -> Any:
    """`value` as `kind`: a dataclass, tuple, dict, Literal, `X | None` or plain type.

    `where` names the file and grows into the path of the value (`guide.toml: table[2].timeout`).
    Raises UsageError for a missing or unknown key, a value of another type, and a ValueError of the dataclass itself.
    """
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else decode(arguments[0], value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if origin is Literal:
        if value not in arguments:
            raise UsageError(f"{where}: {value!r} is not one of {', '.join(map(str, arguments))}")
        return value
    return _mapping(arguments[1], value, where) if origin in (dict, Mapping) else _plain(kind, value, where)


def _dataclass(kind: Any, value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {value!r} is not a table")
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    joint = "." if ":" in where else ": "
    for key in value:
        if key not in fields:
            raise UsageError(f"{where}{joint}{key} is not known here (known: {', '.join(fields)})")
    for name, field in fields.items():
        missing = dataclasses.MISSING
        if name not in value and field.default is missing and field.default_factory is missing:
            raise UsageError(f"{where}{joint}{name} is missing")
    decoded = {key: decode(hints[key], item, f"{where}{joint}{key}") for key, item in value.items()}
    try:
        return kind(**decoded)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _tuple(arguments: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise UsageError(f"{where}: {value!r} is not a list")
    kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
    if len(kinds) != len(value):
        raise UsageError(f"{where}: {value!r} should have {len(kinds)} values")
    return tuple(decode(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(kinds, value, strict=True)))


def _mapping(kind: Any, value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {value!r} is not a table")
    return {str(key): decode(kind, item, f"{where}.{key}") for key, item in value.items()}


def _plain(kind: Any, value: object, where: str) -> object:
    if kind in (Any, object):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    # bool is an int to Python, but not to someone who wrote `timeout = true`
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UsageError(f"{where}: {value!r} is not {_NAMES.get(kind, kind.__name__)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{where}: {value!r} is not a finite number")
    return value
