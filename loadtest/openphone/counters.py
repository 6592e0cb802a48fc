"""What an account was asked and what it answered: exact counters, and a journal of the last requests."""

from collections import Counter, deque
from typing import Any, Final

JOURNAL_LENGTH: Final = 10_000


class Counters:
    """Every request of an account. `requests` = the sum of `by_status` + `no_reply` + `in_flight`."""

    def __init__(self) -> None:
        self.requests = 0
        self.by_status: Counter[int] = Counter()
        self.no_reply = 0
        self.faults: Counter[str] = Counter()
        self.created = self.updated = self.deleted = 0
        self.duplicate_external_ids = self.rate_limited = 0
        self.in_flight = self.peak_in_flight = self.peak_per_second = 0
        self.service_seconds = self.service_ms_max = self.delay_seconds = 0.0
        self._last_second: deque[float] = deque()

    def arrive(self, now: float) -> None:
        """A request came at `now` (seconds of a steady clock)."""
        self.requests += 1
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        recent = self._last_second
        recent.append(now)
        while recent[0] <= now - 1:
            recent.popleft()
        self.peak_per_second = max(self.peak_per_second, len(recent))

    def leave(self, status: int | None, fault: str | None, service: float, delay: float) -> None:
        """It is done with; `status` is None if no reply was sent. `service` and `delay` are in seconds."""
        self.in_flight -= 1
        if status is None:
            self.no_reply += 1
        else:
            self.by_status[status] += 1
        if fault is not None:
            self.faults[fault] += 1
        self.service_seconds += service
        self.service_ms_max = max(self.service_ms_max, service * 1000)
        self.delay_seconds += delay

    def as_dict(self) -> dict[str, Any]:
        """The counters as the admin API shows them."""
        return {
            "requests": self.requests,
            "by_status": {str(status): count for status, count in sorted(self.by_status.items())},
            "no_reply": self.no_reply,
            "faults": dict(sorted(self.faults.items())),
            "created": self.created,
            "updated": self.updated,
            "deleted": self.deleted,
            "duplicate_external_ids": self.duplicate_external_ids,
            "rate_limited": self.rate_limited,
            "peak_per_second": self.peak_per_second,
            "in_flight": self.in_flight,
            "peak_in_flight": self.peak_in_flight,
            "service_seconds": round(self.service_seconds, 6),
            "service_ms_max": round(self.service_ms_max, 3),
            "delay_seconds": round(self.delay_seconds, 6),
        }


class Journal:
    """The last requests, newest last, for diagnosis; what must be exact is counted in Counters."""

    _FIELDS: Final = ("at", "method", "path", "status", "fault", "externalId", "service_ms", "delay_ms")

    def __init__(self, length: int = JOURNAL_LENGTH) -> None:
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=length)
        self._written = 0

    def write(
        self,
        *,
        at: float,
        method: str,
        path: str,
        status: int | None,
        fault: str | None,
        external_id: str | None,
        service: float,
        delay: float,
    ) -> None:
        """Note a finished request; `at` is when it came (epoch seconds), `service` and `delay` are in seconds."""
        self._written += 1
        self._entries.append((at, method, path, status, fault, external_id, service, delay))

    def as_dict(self) -> dict[str, Any]:
        """`{entries, dropped}` as the admin API shows it."""
        entries = [
            dict(
                zip(self._FIELDS, (round(at, 6), *told, round(service * 1000, 3), round(delay * 1000, 3)), strict=True)
            )
            for at, *told, service, delay in self._entries
        ]
        return {"entries": entries, "dropped": self._written - len(self._entries)}
