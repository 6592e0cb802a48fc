"""The outbox in the background: all imports' contacts, at the permitted rate over all processes."""

from dataclasses import dataclass

from sqlalchemy import Engine

from app.openphone.client import Client
from config import Settings


@dataclass(frozen=True)
class Drainer:
    """One process's part in it."""

    engine: Engine
    client: Client
    settings: Settings

    def run(self) -> bool:
        """Tells OpenPhone of what is due, for a few seconds; True where there is more."""
        return False


def drainers_wanted(engine: Engine, settings: Settings) -> int:
    """How many more processes may drain, for there is something to drain."""
    return 0
