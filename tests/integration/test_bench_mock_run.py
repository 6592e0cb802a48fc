import json
import os
import subprocess
import sys

import pytest

import config


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_a_tiny_run_counts_both_sides_and_says_what_it_saw(tmp_path):
    path = tmp_path / "mock.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "mock", "--rounds", "2", "--seconds", "0.2", "--connections", "4"),
            *("--rate", "100", "--latency-ms", "5", "--json", path),
        ],
        cwd=config.ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    told = json.loads(path.read_text())
    assert done.returncode == {"pass": 0, "fail": 1, "inconclusive": 3}[told["verdict"]], done.stderr
    assert [(each["round"], each["server"], each["script"]) for each in told["rates"]] == [
        (number, *what) for number in (1, 2) for what in (("bare", "create"), ("mock", "create"), ("mock", "lives"))
    ]
    for each in told["rates"]:
        assert each["per_second"] > 0
        assert sum(each["by_status"].values()) > 0
    created, answered = told["rates"][2]["by_status"]["201"], told["rates"][2]["by_status"]["200"]
    assert created - 4 <= answered / 3 <= created  # a life that was begun is not always lived
    assert [each["by_status"] for each in told["lateness"]] == [{"201": 40}] * 2
    assert told["at"]["5"]["p50_ms"] >= 0
    assert "Prism             left out: no --document" in done.stdout
