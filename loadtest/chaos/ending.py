"""The end of every round: all is done, or hangs, and is counted."""

from dataclasses import replace

from loadtest.chaos import books
from loadtest.chaos.record import Round
from loadtest.chaos.scene import Scene
from loadtest.chaos.tally import tally
from loadtest.chaos.verdict import failings
from loadtest.stack.base import Trial


def counted(found: Round, scene: Scene, trial: Trial) -> Round:
    """*found* with everything counted; with evidence where something is wrong. Raises psycopg2.Error, HarnessError."""
    counts = tally(scene.manifest, books.read(scene, trial))
    found = replace(found, counts=counts)
    return replace(found, evidence=books.evidence(trial)) if failings(found) else found
