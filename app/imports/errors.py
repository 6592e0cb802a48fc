"""What can come between an import and its end."""


class PausedError(Exception):
    """The import can't go on just now. It is resumable, and the message says what it waits for."""


class FencedError(Exception):
    """Another worker has taken this import up since; what this one was about to write is void."""


class BusyError(Exception):
    """A living worker holds this import."""


class FinishedError(Exception):
    """The import has nothing left to do."""


class DuplicateError(Exception):
    """A row is about what is there already, and the import was asked to fail then.

    *key* is what it is about: a phone, or a property's ``apn:...`` or ``address:...``.
    """

    def __init__(self, row_number: int, key: str, where: str) -> None:
        super().__init__(f"Row {row_number} is about {key.replace(':', ' ', 1)}, and {where}.")
        self.row_number = row_number
        self.key = key
