import io
import json
import tarfile
import time

import requests

from fixtures.cache import fixture
from loadtest.stack.ports import HOST

ROWS, UPLOADS = 50, 8


def samples(checkout):
    """The samples of each worker, from the volume."""
    [master] = checkout.containers("locust")
    pieces, _ = master.get_archive("/var/lib/timeoutlab")
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
        found = [member for member in archive.getmembers() if member.name.endswith(".jsonl")]
        return [[json.loads(line) for line in archive.extractfile(member)] for member in found]


def test_two_workers_load_the_stack_from_the_page_and_nothing_is_lost_or_shared(checkout, tmp_path):
    checkout.up()
    checkout.empty()
    try:
        env = checkout.load(TIMEOUTLAB_ROWS=str(ROWS), TIMEOUTLAB_UPLOADS=str(UPLOADS))
        checkout.until_healthy()
        [master] = checkout.containers("locust")
        assert [found["HostIp"] for bound in master.ports.values() for found in bound or []] == ["127.0.0.1"]
        page = f"http://{HOST}:{env['LOCUST_PORT']}"

        def shown():
            time.sleep(0.2)  # the page takes the time of what it shows
            return requests.get(f"{page}/stats/requests", timeout=10).json()

        while len(shown()["workers"]) < 2:
            pass
        requests.post(f"{page}/swarm", data={"user_count": 4, "spawn_rate": 4}, timeout=10).raise_for_status()
        while shown()["state"] != "stopped":
            pass
        [total] = [each for each in shown()["stats"] if each["name"] == "Aggregated"]
        found = samples(checkout)
    finally:
        checkout.unload()
    assert (total["num_requests"], total["num_failures"]) == (UPLOADS, 0)
    assert len(found) == 2, "every worker has a file of its own"
    # Of four at once web takes three and leaves one to the worker.
    answers = [sample["status"] for each in found for sample in each]
    assert len(answers) == UPLOADS
    assert set(answers) <= {200, 202}
    while int(checkout.sql("SELECT count(*) FROM imports WHERE finished_at IS NULL")[0][0]):
        time.sleep(0.2)
    made = [fixture("contacts", ROWS, 1, area, cache_dir=tmp_path)[1] for area in range(UPLOADS)]
    contacts = sum(manifest.contacts_expected for manifest in made)
    assert checkout.both_sides() == ((contacts, contacts), (contacts, contacts))
