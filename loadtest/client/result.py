"""What became of a file that went in parts: one import. Nothing here touches the network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loadtest.client.cut import Slice
from loadtest.client.options import Options
from loadtest.client.server import Report
from loadtest.client.table import Table

SORTS = ("rows_rejected", "rows_duplicate", "created", "updated", "unchanged", "skipped")
TOTALS = ("rows_total", *SORTS, "contacts_to_sync", "contacts_synced", "contacts_failed")
COMPLETE, FAILED, INCOMPLETE = "complete", "failed", "incomplete"


@dataclass(frozen=True)
class Sent:
    """A part and its import at its end. *uploaded*: by this run; if not, an earlier one had sent it."""

    piece: Slice
    report: Report
    uploaded: bool

    @property
    def ends_all(self) -> bool:
        """What comes behind it is not to be sent: someone cancelled it, or a duplicate ended it."""
        return bool(self.report["status"] == "cancelled" or self.report["failure"] == "duplicate")

    @property
    def trouble(self) -> str | None:
        """Why the part is not in as it should be."""
        report = self.report
        if self.ends_all:
            return f"import {report['id']} was {'cancelled' if report['status'] == 'cancelled' else 'ended'}" + (
                f": {report['error']}" if report["error"] else ""
            )
        read = report["rows_total"] + (report["trailer"] is not None)
        if read != self.piece.rows + self.piece.trailer:
            return f"the server read {read:,} rows in part {self.piece.number}, which has {self.piece.rows:,}"
        known = sum(report[sort] for sort in SORTS)
        if known != report["rows_total"]:
            return f"of {report['rows_total']:,} rows in part {self.piece.number} {known:,} are accounted for"
        return None


@dataclass(frozen=True)
class Result:
    """*sent* is complete if *plan* is; *stopped* says what came in between."""

    table: Table
    options: Options
    server: str
    plan: Sequence[Slice]
    sent: Sequence[Sent]
    seconds: float
    stopped: str | None = None

    @property
    def troubles(self) -> list[str]:
        """What makes it a failed import."""
        found = [part.trouble for part in self.sent if part.trouble]
        if len(self.sent) == len(self.plan) and self.totals["rows_rejected"] == self.totals["rows_total"]:
            found.append("no row could be imported")
        return found

    @property
    def verdict(self) -> str:
        """``complete``: every row is in, or rejected with a reason. ``failed``, or ``incomplete``: run again."""
        if self.troubles:
            return FAILED
        return COMPLETE if len(self.sent) == len(self.plan) else INCOMPLETE

    @property
    def totals(self) -> dict[str, int]:
        """The counters of the app's report, summed over the parts that are in."""
        return {name: sum(part.report[name] for part in self.sent) for name in TOTALS}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """What became of contacts, properties, links and members."""
        found: dict[str, dict[str, int]] = {}
        for part in self.sent:
            for target, counts in part.report["counts"].items():
                mine = found.setdefault(target, {})
                for name, count in counts.items():
                    mine[name] = mine.get(name, 0) + count
        return found

    def as_json(self) -> dict[str, Any]:
        """For programs. Times in seconds, *bytes* of the file."""
        return {
            "schema": 1,
            "verdict": self.verdict,
            "stopped": self.stopped,
            "troubles": self.troubles,
            "file": str(self.table.path),
            "bytes": self.table.size,
            "sha256": self.table.sha256,
            "server": self.server,
            "kind": self.options.kind,
            self.options.goes_to: self.options.group,
            "on_duplicate": self.options.on_duplicate,
            "chunk_rows": self.options.chunk_rows,
            "seconds": round(self.seconds, 3),
            **self.totals,
            "counts": self.counts,
            "parts_total": len(self.plan),
            "parts_in": len(self.sent),
            "parts": [
                {
                    "number": part.piece.number,
                    "first_row": part.piece.first_row,
                    "rows": part.piece.rows,
                    "import_id": part.report["id"],
                    "status": part.report["status"],
                    "uploaded": part.uploaded,
                }
                for part in self.sent
            ],
        }

    def text(self) -> str:
        """For people."""
        totals, options = self.totals, self.options
        rows = sum(piece.rows for piece in self.plan)
        number = f"{len(self.plan):,} parts" if len(self.plan) > 1 else "one request"
        lines = [
            f"{self.table.path.name}: {self.verdict}, {totals['rows_total']:,} of {rows:,} rows in {number}, "
            f"{options.goes_to} {options.group!r}, {self.seconds:.1f} s",
            "  rows      "
            + ", ".join(f"{totals[sort]:,} {sort.removeprefix('rows_')}" for sort in (*SORTS[2:], *SORTS[1::-1])),
            f"  OpenPhone {totals['contacts_synced']:,} of {totals['contacts_to_sync']:,} contacts synced, "
            f"{totals['contacts_failed']:,} failed",
        ]
        lines += [f"FAIL: {trouble}" for trouble in self.troubles]
        if len(self.plan) > 1:
            lines.append(
                "note: a row that repeats one of another part counts as updated, unchanged or skipped, not as duplicate"
            )
        return "\n".join(lines)
