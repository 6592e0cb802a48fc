"""What the tests of the locustfile share: starting it as a person does, and what it recorded."""

import json
import os
import subprocess
import sys

import config


def locust(trial, tmp_path, *arguments, **env):
    """`locust -f loadtest/locustfile.py ...` as a person starts it, with the variables that `make up` names."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TIMEOUTLAB_")}
    variables = {
        "TIMEOUTLAB_HOST": trial.url,
        "TIMEOUTLAB_API_KEY": trial.api_key,
        "TIMEOUTLAB_HOME": str(tmp_path),
        "TIMEOUTLAB_ROWS": "20",
        **env,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", "loadtest/locustfile.py", *arguments],
        env={**inherited, **{name: value for name, value in variables.items() if value is not None}},
        cwd=config.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]
