"""``locust -f loadtest/locustfile.py``: the scenarios, with Locust's own web page or --headless.

TIMEOUTLAB_HOST and TIMEOUTLAB_API_KEY say where the load goes (`make up` prints both); TIMEOUTLAB_KIND and
TIMEOUTLAB_ROWS what it is made of.
"""

import sys

from config import ConfigError, load_harness_settings

try:
    SETTINGS = load_harness_settings()
except ConfigError as error:
    print(error, file=sys.stderr)
    raise SystemExit(2) from None
if SETTINGS.api_key is None:
    print("TIMEOUTLAB_API_KEY: not set; `make up` prints a key", file=sys.stderr)
    raise SystemExit(2)

from loadtest.scenarios.imports import ImportUser
from loadtest.scenarios.recorder import Recorder

__all__ = ["ImportUser"]

SAMPLES = SETTINGS.samples or SETTINGS.home / "locust-samples.jsonl"
try:
    Recorder(SAMPLES)
except OSError as error:
    print(f"TIMEOUTLAB_SAMPLES={SAMPLES}: cannot be written: {error.strerror}", file=sys.stderr)
    raise SystemExit(2) from None
