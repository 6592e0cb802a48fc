"""Who is asking: the API key of a request."""

from flask import Blueprint, Flask, current_app, g, request

from app import keys
from app.problem import Problem


def protect(blueprint: Blueprint) -> Blueprint:
    """*blueprint*, every route of it behind an API key."""
    blueprint.before_request(require_key)
    return blueprint


def register(app: Flask) -> None:
    """Looks up the key of each request to a protected blueprint: ``g.api_key_id``, None without a key in force.

    Call it before the rate limit is registered, which counts by it. The 401 comes after the limit (Flask runs an app's
    before_request functions before a blueprint's), so that guesses are counted too.
    """
    app.before_request(_identify)


def require_key() -> None:
    """Before each request of a protected blueprint. Raises Problem (401)."""
    if g.get("api_key_id") is None:
        raise Problem(
            401,
            "unauthorized",
            "No valid API key",
            "Send the header 'Authorization: Bearer KEY'; `python -m app.admin create-key NAME` makes a key.",
        ).with_headers(WWW_Authenticate='Bearer realm="timeoutlab"')


def _identify() -> None:
    g.api_key_id = None
    if require_key not in current_app.before_request_funcs.get(request.blueprint, ()):
        return
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        g.api_key_id = keys.owner(current_app.extensions["engine"], key.strip())
