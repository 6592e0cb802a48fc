"""Recordings of `bench run`, made up."""

from benchmarks.record import Missing, Recording, Sample

MACHINE = {
    "processor": "Abacus", "cores": 2, "memory_gib": 4.0, "python": "3.11.7", "kernel": "Linux 6.1", "load_before": 0.1,
}  # fmt: skip


def samples(yardstick, *seconds, kind="contacts", what="first", variant="", rows=1000):
    return [
        Sample(kind, yardstick, what, number, rows, each, variant=variant) for number, each in enumerate(seconds, 1)
    ]


def recording(*groups, missing=(), rows=None):
    return Recording(
        machine=MACHINE,
        settings={},
        rows=rows or {"contacts": 1000},
        rounds=3,
        samples=tuple(sample for group in groups for sample in group),
        missing=tuple(missing),
    )


WHOLE = recording(
    samples("heap", 0.1, 0.1, 0.1),
    samples("limit", 0.4, 0.5, 0.6),
    samples("floor", 1.0, 1.1, 5.0, variant="anti-join"),
    samples("floor", 0.9, 2.0, 2.1, variant="ON CONFLICT"),
    samples("floor", 0.2, 0.2, 0.2, what="again", variant="ON CONFLICT"),
    samples("timeoutlab", 1.2, 1.25, 9.0),
    samples("timeoutlab", 0.5, 0.5, 0.5, what="again"),
    samples("bulk_insert_mappings", 4.0, 5.0, 6.0),
    samples("orm_per_row", 2.0, 2.0, 2.0, rows=100),
    missing=[
        *(Missing("contacts", "pgloader", number, "not installed: make peers", failed=False) for number in (1, 2)),
        Missing("contacts", "csvsql", 1, "boom", failed=True),
    ],
)
