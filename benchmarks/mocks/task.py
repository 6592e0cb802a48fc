"""What the generator is told to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """Send *script*'s requests to *host* and *port* for *seconds* after a *warm_up*.

    *rate* in requests/s, 0: as fast as they are answered. *pid*: the server, whose CPU time is read.
    """

    host: str
    port: int
    key: str
    pid: int
    script: str
    connections: int
    warm_up: float
    seconds: float
    rate: float = 0.0
