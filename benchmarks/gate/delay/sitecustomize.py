"""A known delay for the self-test: Python runs this file by itself at each start, where it is on PYTHONPATH.

In gunicorn every POST then takes longer by the share that GATE_DELAY says, of the time it took; the app knows nothing
of it.
"""

import os
import sys
import time
from collections.abc import Iterable
from typing import Any


def _delay(share: float) -> None:
    from flask import Flask  # noqa: PLC0415 - in no other process

    prompt = Flask.wsgi_app

    def late(self: Flask, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = time.perf_counter()
        answer = prompt(self, environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            time.sleep(share * (time.perf_counter() - began))
        return answer

    Flask.wsgi_app = late  # type: ignore[method-assign]


if "GATE_DELAY" in os.environ and any(word.endswith("/gunicorn") for word in sys.orig_argv[:3]):
    _delay(float(os.environ["GATE_DELAY"]))
