"""An API key's world, and the server's register of them."""

import random
import re
from dataclasses import dataclass
from typing import Final

from loadtest.openphone.counters import Counters, Journal
from loadtest.openphone.faults import FaultPlan
from loadtest.openphone.latency import Delays
from loadtest.openphone.limiter import Window
from loadtest.openphone.profile import Profile
from loadtest.openphone.store import Store

# A raw key has no blanks, which also refuses "Bearer KEY": the vendor takes the key alone.
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")


class TooManyAccountsError(Exception):
    """The mock keeps no more accounts."""


class Account:
    """Store, limiter, delays, faults, counters and journal of one API key, all as its profile says."""

    def __init__(self, profile: Profile, most_contacts: int) -> None:
        self.profile = profile
        self.store = Store(most_contacts)
        phase = random.Random(f"{profile.seed}:window").random()  # noqa: S311
        self.window = Window(profile.limit.per_second, phase)
        self.delays = Delays(profile.latency, profile.routes, profile.seed)
        self.faults = FaultPlan(profile.faults, profile.seed)
        self.counters = Counters()
        self.journal = Journal()
        self.last_used = 0.0

    def expired(self, now: float) -> bool:
        """Whether it has been left alone for its time to live. A request in flight keeps it."""
        return now - self.last_used > self.profile.ttl_seconds and not self.counters.in_flight


@dataclass(frozen=True)
class Bounds:
    """What the mock keeps at most; past it, requests get a 422 that says so."""

    accounts: int = 500
    contacts: int = 250_000


class Accounts:
    """All accounts by key. `now` is in seconds of a steady clock throughout."""

    def __init__(self, bounds: Bounds, default: Profile, known_only: bool = False) -> None:
        self.default = default
        self._bounds = bounds
        self._known_only = known_only
        self._accounts: dict[str, Account] = {}

    def of_request(self, key: str, now: float) -> Account | None:
        """The account of a v1 request; a new key gets one with the default profile. None means unauthorized.

        Raises TooManyAccountsError.
        """
        account = self.find(key, now)
        if account is None and not self._known_only and valid_key(key):
            account = self.put(key, self.default, now)
        return account

    def find(self, key: str, now: float) -> Account | None:
        """The account of `key` if it exists and has not expired."""
        account = self._accounts.get(key)
        if account is None:
            return None
        if account.expired(now):
            del self._accounts[key]
            return None
        account.last_used = now
        return account

    def put(self, key: str, profile: Profile, now: float) -> Account:
        """A new, empty account in place of any that `key` had. Raises TooManyAccountsError."""
        if key not in self._accounts and len(self._accounts) >= self._bounds.accounts:
            self.sweep(now)
            if len(self._accounts) >= self._bounds.accounts:
                raise TooManyAccountsError(f"this mock keeps {self._bounds.accounts} accounts; delete some first")
        account = self._accounts[key] = Account(profile, self._bounds.contacts)
        account.last_used = now
        return account

    def delete(self, key: str) -> bool:
        """Forget an account; False if there was none."""
        return self._accounts.pop(key, None) is not None

    def sweep(self, now: float) -> None:
        """Forget every expired account."""
        for key in [key for key, account in self._accounts.items() if account.expired(now)]:
            del self._accounts[key]


def valid_key(key: str) -> bool:
    """Whether `key` could be an API key: 1 to 200 visible ASCII characters."""
    return _KEY.fullmatch(key) is not None
