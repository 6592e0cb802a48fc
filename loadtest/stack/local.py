"""The stack on this machine: every service a process of its own, from wheels alone."""

from typing import TYPE_CHECKING

from loadtest.stack.base import Stack
from loadtest.stack.local_backends import LocalBackends
from loadtest.stack.runs import Run
from loadtest.stack.trial_stack import TrialStack


class LocalStack(TrialStack):
    """See base.Stack and trial_stack.TrialStack. All of it on loopback."""

    def _make_backends(self, run: Run) -> LocalBackends:
        return LocalBackends(run)


if TYPE_CHECKING:
    _kept: type[Stack] = LocalStack
