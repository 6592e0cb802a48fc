from loadtest.openphone.counters import Counters, Journal


def test_the_peak_is_that_of_any_second_not_of_whole_ones():
    counters = Counters()
    for now in (0.0, 0.8, 0.9, 1.1, 1.2, 1.79, 5.0):
        counters.arrive(now)
    assert counters.peak_per_second == 5  # 0.8 to 1.79


def test_evenly_paced_requests_peak_at_their_rate():
    counters = Counters()
    for tick in range(40):  # exact in binary
        counters.arrive(tick / 8)
    assert counters.peak_per_second == 8


def test_in_flight_rises_and_falls_and_its_peak_stays():
    counters = Counters()
    for _ in range(3):
        counters.arrive(1.0)
    for _ in range(2):
        counters.leave(201, None, 0.001, 0.015)
    assert (counters.in_flight, counters.peak_in_flight) == (1, 3)


def test_every_request_is_answered_unanswered_or_in_flight():
    counters = Counters()
    for status, fault in ((201, None), (503, "status"), (None, "reset"), (201, "truncate")):
        counters.arrive(1.0)
        counters.leave(status, fault, 0.0, 0.0)
    counters.arrive(2.0)
    shown = counters.as_dict()
    assert shown["by_status"] == {"201": 2, "503": 1}
    assert shown["faults"] == {"reset": 1, "status": 1, "truncate": 1}
    assert shown["requests"] == sum(shown["by_status"].values()) + shown["no_reply"] + shown["in_flight"] == 5


def test_own_time_adds_up_and_keeps_its_worst():
    counters = Counters()
    for service in (0.001, 0.004, 0.002):
        counters.arrive(1.0)
        counters.leave(201, None, service, 0.015)
    shown = counters.as_dict()
    assert (shown["service_seconds"], shown["service_ms_max"], shown["delay_seconds"]) == (0.007, 4.0, 0.045)


def note(journal, n):
    journal.write(
        at=100.0 + n,
        method="POST",
        path="/v1/contacts",
        status=None,
        fault="reset",
        external_id=f"c-{n}",
        service=0.0004,
        delay=0.015,
    )


def test_the_journal_keeps_the_newest_and_says_how_many_went():
    journal = Journal(length=3)
    for n in range(5):
        note(journal, n)
    shown = journal.as_dict()
    assert [entry["externalId"] for entry in shown["entries"]] == ["c-2", "c-3", "c-4"]
    assert shown["dropped"] == 2


def test_a_journal_entry_says_what_happened():
    journal = Journal()
    note(journal, 1)
    assert journal.as_dict()["entries"] == [
        {
            "at": 101.0,
            "method": "POST",
            "path": "/v1/contacts",
            "status": None,
            "fault": "reset",
            "externalId": "c-1",
            "service_ms": 0.4,
            "delay_ms": 15.0,
        }
    ]
