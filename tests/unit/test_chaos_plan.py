import pytest

from loadtest.chaos.plan import FIRST, LAST, WHATS, chunk_rows, faults

SEEDS = range(200)


def test_the_same_seed_gives_the_same_faults_and_another_others():
    assert faults(7) == faults(7)
    assert len({faults(seed) for seed in SEEDS}) == len(SEEDS)


def test_a_round_has_three_kills_a_flush_and_a_restart():
    for seed in SEEDS:
        assert sorted(fault.what for fault in faults(seed)) == sorted(WHATS)


def test_some_fall_into_the_load_and_some_into_the_drain_and_the_load_comes_first():
    for seed in SEEDS:
        phases = [fault.phase for fault in faults(seed)]
        assert phases == sorted(phases, reverse=True)
        assert set(phases) == {"load", "drain"}


@pytest.mark.parametrize("phase", ["load", "drain"])
def test_the_points_of_a_phase_come_one_after_the_other_and_leave_something_to_be_done(phase):
    for seed in SEEDS:
        shares = [fault.share for fault in faults(seed) if fault.phase == phase]
        assert shares == sorted(shares)
        assert all(FIRST <= share <= LAST for share in shares)


def test_every_fault_comes_in_either_phase_and_at_any_place_of_a_chunk():
    drawn = [fault for seed in SEEDS for fault in faults(seed)]
    assert {(fault.what, fault.phase) for fault in drawn} == {(w, p) for w in WHATS for p in ("load", "drain")}
    waits = [fault.wait for fault in drawn if fault.phase == "load"]
    assert min(waits) < 0.1
    assert max(waits) > 0.9
    assert not any(fault.wait for fault in drawn if fault.phase == "drain")


@pytest.mark.parametrize(("rows", "expected"), [(100, 20), (2000, 400), (50_000, 10_000), (1_000_000, 10_000)])
def test_a_small_file_has_chunks_to_disturb_too_and_a_large_one_the_apps_own(rows, expected):
    assert chunk_rows(rows) == expected
