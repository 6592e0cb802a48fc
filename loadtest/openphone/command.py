"""`timeoutlab mock`: the mocked OpenPhone API on a port of its own."""

import sys
from pathlib import Path

import click

from loadtest.errors import UsageError
from loadtest.openphone.account import Bounds
from loadtest.openphone.profile import Profile, ProfileError, parse
from loadtest.openphone.server import Options, run


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8091,
    show_default=True,
    help="Port to listen on; 0 takes a free one. The URL is printed.",
)
@click.option(
    "--profile",
    "profile_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with the profile of keys that no admin call has set up. Default: 10 requests/s, no latency.",
)
@click.option("--known-keys-only", is_flag=True, help="Answer 401 to keys that no admin call has set up.")
@click.option(
    "--max-accounts",
    type=click.IntRange(min=1),
    default=Bounds.accounts,
    show_default=True,
    help="Accounts kept at once.",
)
@click.option(
    "--max-contacts",
    type=click.IntRange(min=1),
    default=Bounds.contacts,
    show_default=True,
    help="Contacts kept per account.",
)
@click.option(
    "--idle-seconds",
    type=click.FloatRange(min=0.1),
    default=Options.idle_seconds,
    show_default=True,
    help="A client that is silent for longer, between requests or within one, is hung up on.",
)
@click.option("--access-log", is_flag=True, help="Print a line per request. Never prints a key.")
def mock(
    *,
    host: str,
    port: int,
    profile_path: Path | None,
    known_keys_only: bool,
    max_accounts: int,
    max_contacts: int,
    idle_seconds: float,
    access_log: bool,
) -> None:
    """Serve a mocked OpenPhone API: contacts and custom fields under /v1, kept in memory per API key.

    Latency, rate limit and faults are set per key through PUT /_mock/accounts/KEY, which also empties the account;
    GET /_mock/accounts/KEY/contacts, /journal and /counters tell what arrived.

    \b
    Example:
      timeoutlab mock --port 8091 &
      curl -X PUT http://127.0.0.1:8091/_mock/accounts/demo \\
           -d '{"latency": {"kind": "uniform", "low_ms": 10, "high_ms": 20}, "limit": {"per_second": 0}}'
      curl http://127.0.0.1:8091/v1/contacts -H 'Authorization: demo' \\
           -d '{"defaultFields": {"firstName": "Ada"}}'
    """
    options = Options(
        host=host,
        port=port,
        known_keys_only=known_keys_only,
        access_log=access_log,
        idle_seconds=idle_seconds,
        bounds=Bounds(max_accounts, max_contacts),
        profile=_read(profile_path) if profile_path else Profile(),
    )
    sys.exit(run(options, lambda url: click.echo(f"OpenPhone mock on {url}")))


def _read(path: Path) -> Profile:
    try:
        return parse(path.read_bytes())
    except (OSError, ProfileError) as error:
        raise UsageError(f"--profile {path}: {error}") from None
