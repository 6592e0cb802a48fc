"""The stack in containers: the services of docker-compose.yml on a Docker engine."""

from typing import TYPE_CHECKING

from loadtest.stack.base import Stack
from loadtest.stack.compose_backends import ComposeBackends
from loadtest.stack.runs import Run
from loadtest.stack.trial_stack import TrialStack


class ComposeStack(TrialStack):
    """See base.Stack and trial_stack.TrialStack. A compose project of its own, gone with it, volumes and all."""

    def _make_backends(self, run: Run) -> ComposeBackends:
        return ComposeBackends(run)


if TYPE_CHECKING:
    _kept: type[Stack] = ComposeStack
