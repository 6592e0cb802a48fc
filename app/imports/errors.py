"""What can come between an import and its end."""


class PausedError(Exception):
    """The import can't go on just now. It is resumable, and the message says what it waits for."""


class FencedError(Exception):
    """Another worker has taken this import up since; what this one was about to write is void."""


class BusyError(Exception):
    """A living worker holds this import."""


class FinishedError(Exception):
    """The import has nothing left to do."""
