"""A gate's run as it was recorded; whatever is said of it is made from this."""

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.gate.checkout import Tree
from benchmarks.gate.decision import Rule
from benchmarks.gate.samples import TASKS, Sample

BASE, NOW = "base", "now"


@dataclass(frozen=True)
class Plan:
    """*rows* of each file, *rounds* at least and *max_rounds* at most, and what is measured."""

    rows: int
    seed: int
    rounds: int
    max_rounds: int
    tasks: tuple[str, ...] = TASKS


@dataclass
class Recording:
    """Two trees, on what they were measured, and every sample. *trouble*: what ended the run, with its exit code."""

    base: Tree
    now: Tree
    plan: Plan
    rule: Rule
    machine: Mapping[str, Any]
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    trouble: tuple[str, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it but where on this machine the trees are."""
        return {
            **{
                name: {"name": tree.name, "commit": tree.commit, "changed": tree.changed, **self.services.get(name, {})}
                for name, tree in ((BASE, self.base), (NOW, self.now))
            },
            "settings": {**asdict(self.plan), **asdict(self.rule)},
            "machine": dict(self.machine),
            "samples": [asdict(sample) for sample in self.samples],
        }


def machine() -> dict[str, Any]:
    """Cores, kernel, and the load average (1 min) before the run."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }
