"""``timeoutlab split``."""

import json
from pathlib import Path

import click

from loadtest.client.delimiter import NAMES
from loadtest.client.split import Written, others
from loadtest.client.split import split as write_parts
from loadtest.client.table import Table
from loadtest.report.output import require_writable, save


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The CSV: any that the import app takes."
)
@click.option(
    "--rows", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="Rows of a part, at most."
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path),
    help="The directory to write to.  [default: where FILE is]",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace parts that are there already.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the list as JSON.")
def split(*, file: Path, rows: int, output: Path | None, force: bool, json_path: Path | None) -> None:
    """Cut a CSV into parts that are CSVs by themselves: FILE-0001.csv, FILE-0002.csv ...

    Each begins with the header; a quoted cell of several lines is never cut, and of the rows every byte stays as it
    was. The parts appear together, once the whole file is read. To import the parts is to import the file, if all
    go to one list: `timeoutlab import --chunk-rows` does both, and goes on where it was stopped.

    \b
    Example:
      timeoutlab split contacts.csv --rows 5000 -o parts
      for part in parts/contacts-*.csv; do
        curl -H "Authorization: Bearer $KEY" -F file=@$part -F kind=contacts -F list=contacts \\
             http://127.0.0.1:8080/api/imports
      done
    """
    require_writable(json_path)
    table = Table.open(file)
    directory = output or file.parent
    written = write_parts(table, rows, directory, force=force)
    save(json_path, lambda path: path.write_text(json.dumps(_listed(table, written), indent=1), encoding="utf-8"))
    total = sum(part.rows for part in written)
    last = f" to {written[-1].path.name}" if len(written) > 1 else ""
    click.echo(f"{file}: {total:,} rows in {len(written):,} part{'s' * (len(written) > 1)}: {written[0].path}{last}")
    left = others(file, directory, written)
    if left:
        click.echo(f"note: {left[0]} is named like a part and is none of these ({len(left)} such)", err=True)


def _listed(table: Table, written: list[Written]) -> dict[str, object]:
    return {
        "schema": 1,
        "file": str(table.path),
        "bytes": table.size,
        "sha256": table.sha256,
        "encoding": table.encoding,
        "delimiter": NAMES[table.delimiter],
        "rows_total": sum(part.rows for part in written),
        "parts": [
            {
                "file": str(part.path),
                "first_row": part.first_row,
                "rows": part.rows,
                "bytes": part.bytes,
                "sha256": part.sha256,
            }
            for part in written
        ],
    }
