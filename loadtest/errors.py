"""What can stop a command of the harness. Every message is one line: what happened, where, what to do."""


class HarnessError(Exception):
    """The run came to no verdict (exit code 3)."""

    exit_code = 3


class UsageError(HarnessError):
    """An option or a setting is wrong; nothing was started (exit code 2)."""

    exit_code = 2


class StartError(HarnessError):
    """The stack or a part of it could not be started (exit code 4)."""

    exit_code = 4


class StackDied(HarnessError):
    """A service that the run needs ended before the run did (exit code 3)."""
