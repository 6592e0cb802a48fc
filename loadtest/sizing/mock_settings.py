"""The mock's part of a profile: as its admin API takes it, and checked by the same rules before anything starts."""

import json
from collections.abc import Mapping
from typing import Any

from loadtest.openphone.profile import Profile as Account
from loadtest.openphone.profile import ProfileError, parse


def understood(mock: Mapping[str, object]) -> Account:
    """What the mock makes of the settings, defaults included. Raises ValueError naming the setting."""
    try:
        return parse(json.dumps(dict(mock), default=str))
    except ProfileError as error:
        raise ValueError(f"mock.{error}") from None


def body(mock: Mapping[str, object], share: float, seed: int) -> dict[str, Any]:
    """The body of the admin API's call: `mock` with every latency divided by `share`."""
    settings: dict[str, Any] = {"latency": {"kind": "none"}, **mock, "seed": seed}
    settings["latency"] = _divided(settings["latency"], share)
    if "routes" in settings:
        settings["routes"] = {route: _divided(latency, share) for route, latency in settings["routes"].items()}
    return settings


def _divided(latency: Mapping[str, Any], share: float) -> dict[str, Any]:
    return {key: value / share if key.endswith("ms") else value for key, value in latency.items()}
