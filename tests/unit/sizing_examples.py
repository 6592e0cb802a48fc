"""A small realistic recording: what a quick `timeoutlab sizing` sees on two cores."""

from dataclasses import replace

from loadtest.sizing import guide as guides
from loadtest.sizing import profile as profiles
from loadtest.sizing.record import Kill, Measurement, Recording, Run

GUIDE = guides.load()
SIZES = tuple(claim.rows for claim in GUIDE.claims)
PROFILES = tuple(profiles.load(name) for name in ("guide", "offline", "openphone"))


def contacts(rows):
    return rows - round(rows * 0.05) - round(rows * 0.02)


def run(rows, call_ms=0.0, wait_ms=0.0, own_ms=0.045, calls_api=True, **changes):
    """A completed import: `own_ms` of the stack per row, `call_ms` of OpenPhone and `wait_ms` of pacing per contact."""
    expected = contacts(rows)
    calls = expected if calls_api else 0
    own = rows * own_ms / 1000
    stages = {
        "store": 0.02 + own * 0.1,
        "read": own * 0.15,
        "normalise": own * 0.2,
        "copy": own * 0.25,
        "merge": own * 0.3,
        "openphone": calls * call_ms / 1000,
        "limit": max(0, calls - 1) * wait_ms / 1000,
    }
    made = Run(
        outcome="completed",
        seconds=sum(stages.values()) + 0.06,
        rows_total=rows,
        rows_rejected=round(rows * 0.05),
        rows_invalid=round(rows * 0.05),
        contacts_expected=expected,
        contacts_db=expected,
        contacts_openphone=expected if calls_api else None,
        lost=0,
        duplicated=0,
        stage_seconds=stages,
        openphone_calls=calls,
        openphone_cpu_seconds=calls * 0.0022 if calls_api else None,
        # 17.4 ms of a call are 15 of latency, 2.2 of the client's CPU and 0.2 of anything else
        injected_seconds=calls * max(0.0, call_ms - 2.4) / 1000 if calls_api else None,
    )
    return replace(made, **changes)


def measurement(rows, profile="guide", runs=None, timeout=None):
    timeout = timeout or GUIDE.claim_for(rows).timeout
    if runs is None:
        runs = {
            "guide": [run(rows, call_ms=17.4)],
            "offline": [run(rows, calls_api=False)],
            "openphone": [run(rows, call_ms=17.9, wait_ms=82.9)],
            "degraded": [run(rows, call_ms=44)],
        }[profile]
    return Measurement(rows, profile, timeout, tuple(runs))


def killed(rows, timeout, seconds=None):
    return replace(
        run(rows),
        outcome="killed",
        layer="gunicorn",
        seconds=timeout + 0.6 if seconds is None else seconds,
        detail="WORKER TIMEOUT (pid:4242)",
        contacts_db=rows // 3,
        contacts_openphone=rows // 4,
        lost=None,
        duplicated=None,
        stage_seconds=None,
    )


def kill(**changes):
    made = Kill(
        rows=1000,
        profile="guide",
        timeout=13,
        killed_after_seconds=13.62,
        client_saw="500",
        layer="gunicorn",
        log_line="2026-11-23T16:00:27.620Z [4101] CRITICAL WORKER TIMEOUT (pid:4242)",
        found_interrupted_after_seconds=0.64,
        contacts_expected=930,
        contacts_after_resume=930,
        contacts_openphone_after_resume=930,
        lost=0,
        duplicated=0,
    )
    return replace(made, **changes)


def recording(**changes):
    made = Recording(
        stack="local",
        machine={"cpus": 2, "memory_gb": 7.6, "python": "3.11.7", "platform": "Linux x86_64"},
        settings={"workers": 4, "repeat": 1, "seed": 1, "full": False},
        sizes=SIZES,
        profiles=PROFILES,
        measurements=(
            measurement(1000),
            measurement(5000),
            *(measurement(rows, "offline") for rows in SIZES),
            measurement(100, "openphone"),
        ),
        kills=(kill(),),
    )
    return replace(made, **changes)


def property_run(rows, call_ms=17.4, **changes):
    """A completed import of a PropertyRadar file: every fifth row has two contacts, one in twenty is invalid."""
    expected, properties = round(rows * 1.2), rows - round(rows * 0.07)
    made = run(rows, call_ms=call_ms * expected / contacts(rows), own_ms=0.2)
    held = {
        "contacts_expected": expected,
        "contacts_db": expected,
        "contacts_openphone": expected,
        "openphone_calls": expected,
        "openphone_cpu_seconds": expected * 0.0022,
        "injected_seconds": expected * (call_ms - 2.6) / 1000,
        "properties_expected": properties,
        "properties_db": properties,
        "links_expected": expected + 3,
        "links_db": expected + 3,
    }
    return replace(made, **(held | changes))


def of_kind(kind, *runs, rows=1000, **changes):
    """A recording of these runs of one kind of CSV."""
    measured = replace(measurement(rows, runs=runs), kind=kind)
    return only(measured, kind=kind, **changes)


def busy_run(rows, call_ms, quiet_ms=17.4, **changes):
    """A call takes `call_ms`, and without waiting for a processor `quiet_ms`."""
    return run(rows, call_ms=call_ms, injected_seconds=contacts(rows) * (quiet_ms - 2.2) / 1000, **changes)


def only(*measurements, judged="guide", **changes):
    """A recording of these measurements and no others, of the sizes and profiles that they name."""
    names = dict.fromkeys((judged, *(m.profile for m in measurements)))
    given = {
        "sizes": tuple(sorted({m.rows for m in measurements})),
        "profiles": tuple(profiles.load(name) for name in names),
        "kills": (),
    }
    return recording(measurements=measurements, judged=judged, **(given | changes))
