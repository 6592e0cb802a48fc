"""Is the process alive, and is it ready for work?"""

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.problem import Problem
from app.storage.revision import is_current

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers; nothing behind it is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """PostgreSQL and Redis answer and the schema is current."""
    failed = []
    try:
        with current_app.extensions["engine"].connect() as connection:
            connection.execute(text("SELECT 1"))
            if not is_current(connection):
                failed.append("schema: run `python -m app.admin migrate`")
    except SQLAlchemyError:
        failed.append("PostgreSQL does not answer")
    try:
        current_app.extensions["redis"].ping()
    except RedisError:
        failed.append("Redis does not answer")
    if failed:
        raise Problem(503, "not-ready", "Not ready", "; ".join(failed), failed=failed)
    return jsonify(status="ready")
