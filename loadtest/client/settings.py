"""Where the server is and who is asking: from options, else from the environment."""

from dataclasses import dataclass, field
from pathlib import Path

import config
from loadtest.errors import UsageError

OPTIONS = {"TIMEOUTLAB_HOST": "--url", "TIMEOUTLAB_API_KEY": "--api-key"}


@dataclass(frozen=True)
class Where:
    """*timeout*: seconds that an answer may take, and that an import may stand still."""

    url: str
    api_key: str = field(repr=False)
    timeout: int
    home: Path


def load(url: str | None, api_key: str | None) -> Where:
    """The settings, those of the options over those of the environment. Raises UsageError naming the option."""
    given = {"TIMEOUTLAB_HOST": url, "TIMEOUTLAB_API_KEY": api_key}
    over = {name: value for name, value in given.items() if value is not None}
    try:
        found = config.load_harness_settings({**config.environment(), **over})
    except config.ConfigError as error:
        text = str(error)
        for name in over:
            text = text.replace(f"{name}=", f"{OPTIONS[name]} ")
        raise UsageError(text) from None
    if found.api_key is None:
        raise UsageError("no API key: set TIMEOUTLAB_API_KEY; `make up` prints one")
    return Where(found.host, found.api_key, found.client_timeout, found.home)
