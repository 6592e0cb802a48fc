"""What goes wrong on purpose: which requests fail, and how, decided by the account's seed."""

import random
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from loadtest.openphone.routes import Route
from loadtest.openphone.strict import Strict


class _Fault(Strict):
    rate: Annotated[float, Field(gt=0, le=1)] | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        if (self.rate is None) == (self.first is None):
            raise ValueError("give either rate (share of requests) or first (the first N requests)")
        return self


class StatusFault(_Fault):
    """The request is answered with `status` and not carried out."""

    kind: Literal["status"]
    status: Annotated[int, Field(ge=400, le=599)]


class ResetFault(_Fault):
    """The connection is reset; the request is not carried out."""

    kind: Literal["reset"]


class HangFault(_Fault):
    """The connection stays open without a reply until the client leaves, or `cap_seconds`; not carried out."""

    kind: Literal["hang"]
    cap_seconds: Annotated[float, Field(gt=0, le=3600)] = 300


class TruncateFault(_Fault):
    """The request is carried out; its reply promises more bytes than are sent before the connection closes."""

    kind: Literal["truncate"]


class DropReplyFault(_Fault):
    """The request is carried out, then the connection closes without a reply."""

    kind: Literal["drop_reply"]


Fault = Annotated[
    StatusFault | ResetFault | HangFault | TruncateFault | DropReplyFault,
    Field(discriminator="kind"),
]


class FaultPlan:
    """The faults of one account, in order; the first that strikes wins.

    Each fault has a random sequence of its own, so that its hits do not move when another one is added after it or
    when requests come on routes it does not cover.
    """

    def __init__(self, faults: Sequence[Fault], seed: int) -> None:
        self._faults = faults
        self._rngs = [random.Random(f"{seed}:fault:{index}") for index in range(len(faults))]  # noqa: S311
        self._struck = [0] * len(faults)

    def next(self, route: Route) -> Fault | None:
        """The fault that this request of `route` meets, or None."""
        chosen = None
        for index, fault in enumerate(self._faults):
            if fault.routes and route not in fault.routes:
                continue
            # Drawn even when an earlier fault has won, so that the sequence depends on the requests alone.
            due = fault.rate is not None and self._rngs[index].random() < fault.rate
            due = due or (fault.first is not None and self._struck[index] < fault.first)
            if due and chosen is None:
                self._struck[index] += 1
                chosen = fault
        return chosen
