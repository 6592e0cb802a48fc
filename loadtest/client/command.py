"""``timeoutlab import``."""

import json
import time
from pathlib import Path

import click

from loadtest.client import errors_csv, settings
from loadtest.client.attempts import Attempts
from loadtest.client.cut import slices
from loadtest.client.errors import GaveUpError
from loadtest.client.journal import Journal
from loadtest.client.options import KINDS, MODES, ON_DUPLICATE, Options, group
from loadtest.client.progress import Display
from loadtest.client.result import COMPLETE, Result, Sent
from loadtest.client.run import greet, run
from loadtest.client.send import Sender
from loadtest.client.server import Server
from loadtest.client.table import Table
from loadtest.errors import HarnessError, UsageError
from loadtest.report.output import require_writable, save


@click.command("import")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The CSV: any that the import app takes."
)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What its rows are.")
@click.option(
    "--chunk-rows", type=click.IntRange(1, 10_000_000), metavar="ROWS",
    help="Send it in requests of so many rows; 10000 is a good number.  [default: the whole file in one request]",
)  # fmt: skip
@click.option("--list", "list_name", metavar="NAME", help="The list its contacts go to.  [default: the file's name]")
@click.option("--campaign", metavar="NAME", help="For kind campaign: the campaign.  [default: the file's name]")
@click.option(
    "--on-duplicate", type=click.Choice(ON_DUPLICATE), default="update", show_default=True,
    help="What a row does about what is there already. fail takes the whole file back, and so can't go in chunks.",
)  # fmt: skip
@click.option(
    "--mode", type=click.Choice(MODES), default="auto", show_default=True,
    help="Within the request (sync), in the background (async), or as the app sees fit; each is followed to its end.",
)  # fmt: skip
@click.option("--url", help="The import app.  [default: TIMEOUTLAB_HOST, or http://127.0.0.1:8080]")
@click.option("--api-key", help="Its API key; other users can read it in ps. Better: TIMEOUTLAB_API_KEY.")
@click.option(
    "--attempts", type=click.IntRange(1, 1000), default=6, show_default=True,
    help="Failures in a row (429, 5xx, a cut connection) that nothing came of before it gives up, for each part.",
)  # fmt: skip
@click.option("--restart", is_flag=True, help="Forget what was sent before and send everything.")
@click.option("--strict", is_flag=True, help="Exit code 1 also if a row was rejected or OpenPhone refused a contact.")
@click.option(
    "--errors", "errors_path", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the rejected rows as CSV, with their numbers in FILE and what to do.",
)  # fmt: skip
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the result as JSON.")
def import_(
    *,
    file: Path,
    kind: str,
    chunk_rows: int | None,
    list_name: str | None,
    campaign: str | None,
    on_duplicate: str,
    mode: str,
    url: str | None,
    api_key: str | None,
    attempts: int,
    restart: bool,
    strict: bool,
    errors_path: Path | None,
    json_path: Path | None,
) -> int:
    """Send a CSV to the import app, in parts that fit into its timeout, and report on it as one import.

    A part whose worker is killed is resumed, a 429 is waited for, a 202 is followed to its end. Whatever stops this
    command (Ctrl-C, kill -9, the server's death), run it again: parts that are in are not sent again.

    \b
    Example, 10,000 rows a request, the rejected rows in one file:
      export TIMEOUTLAB_API_KEY=tl_...
      timeoutlab import contacts.csv --kind contacts --chunk-rows 10000 --errors rejected.csv

    Exit code 0: every row is in, or rejected with its reason (1 with --strict). 1: the import failed (no row could be
    imported, a duplicate under fail, cancelled, rows unaccounted for). 2: an option, the file or the key is wrong.
    3: the server died on the way, or a part got no further; run again to go on. 4: nobody answered at the URL.
    130: Ctrl-C; run again to go on.
    """
    started = time.monotonic()
    if on_duplicate == "fail" and chunk_rows is not None:
        raise UsageError("--on-duplicate fail takes the whole file back, which parts can't: leave out --chunk-rows")
    options = Options(kind, group(kind, list_name, campaign, file), on_duplicate, mode, chunk_rows)
    where = settings.load(url, api_key)
    require_writable(errors_path, json_path)
    table = Table.open(file)
    plan = slices(table, chunk_rows)
    for path in (errors_path, json_path):
        if path is not None and path.is_file():
            path.unlink()  # what is there afterwards is of this run
    server = Server(where.url, where.api_key, where.timeout)
    key = options.key(table.sha256, server.url)
    journal = Journal.open(where.home / "imports" / f"{key[:32]}.json")
    sent: list[Sent] = []
    stopped: str | None = None
    greet(server)
    if restart:
        journal.restart()
    with Display(plan) as display:
        sender = Sender(server, options, journal, key, attempts, where.timeout, display.say, display.moved)
        try:
            run(table, plan, sender, display, sent.append)
            if errors_path is not None and sent:
                save(errors_path, lambda path: errors_csv.write(path, server, sent, Attempts(attempts, display.say)))
        except (HarnessError, KeyboardInterrupt) as error:
            stopped = str(error) or "Ctrl-C"
            if isinstance(error, GaveUpError | KeyboardInterrupt):
                display.say(f"stopped; {len(sent):,} of {len(plan):,} parts are in; run the same command to go on")
            raise
        finally:
            result = Result(table, options, server.url, plan, sent, time.monotonic() - started, stopped)
            save(json_path, lambda path: path.write_text(json.dumps(result.as_json(), indent=1), encoding="utf-8"))
    click.echo(result.text())
    totals = result.totals
    if result.verdict != COMPLETE:
        return 1
    return int(strict and bool(totals["rows_rejected"] or totals["contacts_failed"]))
