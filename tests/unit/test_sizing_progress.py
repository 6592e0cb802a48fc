import io
import threading

import pytest
from rich.console import Console

from loadtest.sizing import profile as profiles
from loadtest.sizing import progress
from loadtest.sizing.plan import Job, Plan
from loadtest.sizing.progress import Display

GUIDE = profiles.load("guide")


def jobs(count):
    return [Job("measure", 1000 + number, GUIDE, 60) for number in range(count)]


@pytest.fixture
def terminal(monkeypatch):
    """What a display on a terminal of 60 columns writes."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=60, markup=False)
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    return written


def test_in_a_pipe_each_start_and_end_is_a_line_on_stderr(capsys):
    (job,) = jobs(1)
    with Display(Plan(())) as display:
        display.say("1 trial")
        display.began(job)
        display.tick()
        display.ended(job, "17.1 s [not markup]")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "1 trial",
        "running  guide, 1,000 rows (about 22 s)",
        "done     guide, 1,000 rows: 17.1 s [not markup] (0 s)",
    ]


def test_a_long_line_is_not_broken_in_a_pipe(capsys):
    (job,) = jobs(1)
    with Display(Plan(())) as display:
        display.began(job)
        display.ended(job, "x" * 300)
    assert f"{'x' * 300} (0 s)" in capsys.readouterr().err


def test_on_a_terminal_what_runs_and_its_time_left_is_shown_until_it_ends(terminal):
    one, other = jobs(2)
    with Display(Plan(())) as display:
        display.began(one)
        display.began(other)
        display.tick()
        display._bars.refresh()
        shown = terminal.getvalue()
        display.ended(one, "17.1 s")
        display.ended(other, "17.2 s")
    assert "guide, 1,000 rows" in shown
    assert "about 22 s left" in shown
    assert "all trials" in shown
    assert "done     guide, 1,001 rows: 17.2 s" in terminal.getvalue()


def test_a_job_that_takes_longer_than_expected_says_so(terminal, monkeypatch):
    (job,) = jobs(1)
    with Display(Plan(())) as display:
        display.began(job)
        now = progress.time.monotonic()
        monkeypatch.setattr(progress.time, "monotonic", lambda: now + 3600)
        display.tick()
        assert [task.fields["left"] for task in display._bars.tasks] == ["a little longer than expected"] * 2
        monkeypatch.undo()


def test_a_job_that_ends_while_its_bar_is_moved_does_no_harm(terminal, monkeypatch):
    (job,) = jobs(1)
    with Display(Plan(())) as display:
        display.began(job)
        lane = threading.Thread(target=display.ended, args=[job, "17.1 s"])
        update = display._bars.update

        def ended_meanwhile(bar, **fields):
            if not lane.ident:
                lane.start()
                lane.join(0.1)
            update(bar, **fields)

        monkeypatch.setattr(display._bars, "update", ended_meanwhile)
        display.tick()
        lane.join()
    assert "done     guide, 1,000 rows: 17.1 s" in terminal.getvalue()


def test_leaving_on_an_error_gives_the_terminal_back(terminal):
    (job,) = jobs(1)
    display = Display(Plan(()))

    def run():
        with display:
            display.began(job)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert not display._bars.live.is_started
    assert "\x1b[?25h" in terminal.getvalue()  # the cursor is shown again
