import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from loadtest.errors import StartError
from loadtest.stack.process import Service
from loadtest.stack.runs import Run


@pytest.fixture
def run(tmp_path):
    run = Run.create(tmp_path)
    yield run
    run.end_all()


def python(run, code, name="program"):
    return Service(name, [sys.executable, "-u", "-c", code], run, {})


def says(service, text):
    return lambda: service.log_path.exists() and text in service.log_path.read_text()


def test_start_returns_when_the_program_is_ready(run):
    service = python(run, "import time; print('listening'); time.sleep(60)")
    service.start(says(service, "listening"))
    assert not service.died()
    service.stop()
    assert run.started == []


def test_a_program_that_ends_before_it_is_ready_is_an_error_with_the_end_of_its_log(run):
    service = python(run, "print('line one'); raise SystemExit('no such option: --frobnicate')")
    with pytest.raises(StartError) as error:
        service.start(lambda: False)
    first, *log = str(error.value).splitlines()
    assert first == f"program ended before it was ready; the end of {service.log_path}:"
    assert log == ["    line one", "    no such option: --frobnicate"]


def test_a_program_that_never_gets_ready_is_stopped(run):
    service = python(run, "import time; print('still busy'); time.sleep(60)")
    with pytest.raises(StartError, match=r"program was not ready after 0.3 s"):
        service.start(lambda: False, deadline_seconds=0.3)
    assert run.started == []


def test_a_program_that_is_not_there_is_an_error_that_names_it(run):
    with pytest.raises(StartError, match=r"ghost could not be started: .*/no/such/program"):
        Service("ghost", ["/no/such/program"], run, {}).start(lambda: True)


def test_a_program_that_ends_after_it_was_ready_has_died(run):
    service = python(run, "import sys; print('listening'); sys.stdin.read()")
    service.start(says(service, "listening"))
    service._process.wait()
    assert service.died()
    service.stop()
    assert not service.died()


def test_a_program_that_was_stopped_has_not_died(run):
    service = python(run, "import time; print('listening'); time.sleep(60)")
    service.start(says(service, "listening"))
    service.stop()
    assert not service.died()


def test_the_stop_signal_is_the_one_asked_for(run):
    code = (
        "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(print('interrupted')));"
        "print('listening'); time.sleep(60)"
    )
    service = python(run, code)
    service.stop_signal = signal.SIGINT
    service.start(says(service, "listening"))
    service.stop()
    assert service.log_path.read_text() == "listening\ninterrupted\n"


def test_services_can_be_started_and_stopped_from_threads(run):
    services = [python(run, "import time; print('listening'); time.sleep(60)", f"p{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.start(says(each, "listening")), services))
        assert len({each.pid for each in services}) == len(run.started) == 4
        list(pool.map(Service.stop, services))
    assert Run.load(run.directory).started == []
