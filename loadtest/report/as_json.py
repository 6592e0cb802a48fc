"""A sizing run as the JSON that `--json` writes: described, strictly, by loadtest/sizing/schema.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtest.sizing import holdings
from loadtest.sizing.findings import Finding
from loadtest.sizing.record import Kill, Run
from loadtest.sizing.row import Row
from loadtest.sizing.verdict import KillVerdict, Verdict

SCHEMA = Path(__file__).parents[1] / "sizing" / "schema.json"


def build(verdict: Verdict, findings: Sequence[Finding]) -> dict[str, Any]:
    """Plain data, schema 1. Seconds and milliseconds with three decimals; fields without a value are None."""
    recording = verdict.recording
    return {
        "schema": 1,
        "stack": recording.stack,
        "machine": recording.machine,
        "settings": recording.settings,
        "verdict": verdict.outcome,
        "exit_code": verdict.exit_code,
        "reasons": list(verdict.reasons),
        "judged": recording.judged,
        "interrupted": recording.interrupted,
        "profiles": [
            {
                "name": profile.name,
                "summary": profile.summary,
                "assumptions": profile.assumptions.strip(),
                "limit_per_second": profile.rate_per_second or None,
                "limit_source": profile.limit_source,
            }
            for profile in recording.profiles
        ],
        "rows": [_row(row, recording.kind) for row in verdict.rows],
        "kills": [_kill(item) for item in verdict.kills],
        "findings": [{"severity": finding.severity, "text": finding.text} for finding in findings],
    }


def dumps(verdict: Verdict, findings: Sequence[Finding]) -> str:
    """The same as text, for a file."""
    return json.dumps(build(verdict, findings), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _row(row: Row, kind: str) -> dict[str, Any]:
    run, claim = row.worst, row.claim
    return {
        "rows": row.rows,
        "profile": row.profile.name,
        "kind": kind,
        "guide_seconds": list(claim.seconds) if claim and claim.seconds else None,
        "guide_timeout": claim.timeout if claim else None,
        "source": row.source,
        "n": len(row.seconds),
        "seconds": [round(seconds, 3) for seconds in row.seconds],
        "slowest_seconds": _rounded(row.slowest_seconds),
        "time_claim": row.time_claim,
        "by_construction": row.profile.by_construction,
        "timeout_verdict": row.timeout_verdict,
        "recommended_timeout": row.recommended_timeout,
        "recommended_source": row.recommended_source,
        "break_even_ms_per_row": _rounded(row.break_even_ms_per_row),
        "rows_total": run.rows_total if run else None,
        "rows_rejected": run.rows_rejected if run else None,
        "contacts_expected": run.contacts_expected if run else None,
        "contacts_db": run.contacts_db if run else None,
        "contacts_openphone": run.contacts_openphone if run else None,
        "lost": row.account.lost if run else None,
        "duplicated": row.account.duplicated if run else None,
        "stage_seconds": _stages(row.stage_seconds),
        "openphone_calls": run.openphone_calls if run else None,
        "openphone_cpu_seconds": _rounded(run.openphone_cpu_seconds) if run else None,
        "injected_seconds": _rounded(run.injected_seconds) if run else None,
        "layer": run.layer if run else None,
        "predicted_from": row.predicted_from,
        "reason": row.reason,
        **_holdings(run, "db"),
    }


def _kill(item: KillVerdict) -> dict[str, Any]:
    kill = item.kill
    return {
        "rows": kill.rows,
        "profile": kill.profile,
        "timeout": kill.timeout,
        "killed_after_seconds": _rounded(kill.killed_after_seconds),
        "in_band": item.in_band,
        "client_saw": kill.client_saw,
        "layer": kill.layer,
        "log_line": kill.log_line,
        "found_interrupted_after_seconds": _rounded(kill.found_interrupted_after_seconds),
        "contacts_expected": kill.contacts_expected,
        "contacts_after_resume": kill.contacts_after_resume,
        "contacts_openphone_after_resume": kill.contacts_openphone_after_resume,
        "lost": kill.lost,
        "duplicated": kill.duplicated,
        "problems": list(item.problems),
        **_holdings(kill, "after_resume"),
    }


def _holdings(source: Run | Kill | None, when: str) -> dict[str, int | None]:
    names = [f"{name}_{which}" for name in holdings.TABLES for which in ("expected", when)]
    return {name: getattr(source, name) if source else None for name in names}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _stages(stage_seconds: dict[str, float] | None) -> dict[str, float] | None:
    return None if stage_seconds is None else {name: round(value, 4) for name, value in stage_seconds.items()}
