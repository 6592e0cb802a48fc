import time

from app.imports import ids


def test_ids_begin_where_no_other_has_any_and_with_room_to_count_on():
    found = [ids.fresh() for _ in range(1000)]
    assert len({(one["ids_head"], one["ids_start"]) for one in found}) == 1000
    for one in found:
        assert -(2**63) <= one["ids_start"] < -(2**62) - 2**60  # the variant stays, whatever is counted to
        assert one["ids_head"][6] >> 4 == 7
        assert abs(int.from_bytes(one["ids_head"][:6], "big") / 1000 - time.time()) < 60
