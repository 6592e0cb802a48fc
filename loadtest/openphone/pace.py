"""What a held-back reply has cost."""


def service(started: float, worked: float, ended: float, delay: float) -> float:
    """The mock's own seconds in a request: its work, though it runs inside the delay, and what it was late by.

    `started`, `worked` and `ended` are times of one clock: before the work, after it, after the delay. Parsing the
    request's head and writing the reply lie outside.
    """
    due = max(started + delay, worked)
    return (worked - started) + max(0.0, ended - due)
