"""A gate's run as JSON: the verdict, each measure, and every sample."""

import json
import math
from dataclasses import asdict
from typing import Any

from benchmarks.gate import words
from benchmarks.gate.decision import Comparison
from benchmarks.gate.judgement import WORDS, all_stages, comparisons, exit_code
from benchmarks.gate.recording import Recording


def text(recording: Recording) -> str:
    """The whole file."""
    return json.dumps({"schema": 1, **facts(recording)}, indent=1, allow_nan=False) + "\n"


def facts(recording: Recording) -> dict[str, Any]:
    """Changes are shares of the base's cost; null where nothing can be said."""
    code = exit_code(recording)
    return {
        "verdict": WORDS[code],
        "exit_code": code,
        "reasons": words.reasons(recording),
        "measures": {name: _comparison(each) for name, each in comparisons(recording).items()},
        "stages": {task: [asdict(stage) for stage in stages] for task, stages in all_stages(recording).items()},
        **recording.as_json(),
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    bounds = (None, None) if math.isinf(found.high) else (found.low, found.high)
    return {**asdict(found), "low": bounds[0], "high": bounds[1], "verdict": found.verdict.value}
