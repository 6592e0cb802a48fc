"""A gate's run as GitHub Markdown: a job's summary, a comment on a pull request."""

from collections.abc import Sequence

from benchmarks.gate import words
from benchmarks.gate.judgement import WORDS, all_stages, exit_code
from benchmarks.gate.recording import Recording


def text(recording: Recording) -> str:
    """The whole report; where the time went is folded away."""
    code = exit_code(recording)
    advice = words.settle(recording)
    parts = [
        f"**{WORDS[code].upper()}** (exit code {code})",
        "\n".join(f"- {_escaped(reason)}" for reason in words.reasons(recording)),
        _escaped(advice) if advice else "",
        _table(words.columns(recording), words.rows(recording), right=(2, 3, 4, 5)),
    ]
    for task, stages in all_stages(recording).items():
        lines = [(stage.name, f"{stage.base:.3f}", f"{stage.now:.3f}", words.moved(stage)) for stage in stages]
        table = _table(("stage", "base, s", "now, s", "moved"), lines, right=(1, 2, 3))
        title = f"where the time of a {task} import goes (* the difference is clear)"
        parts.append(f"<details><summary>{title}</summary>\n\n{table}\n\n</details>")
    parts.append(
        _escaped(f"Base: {words.tree(recording.base)}. Now: {words.tree(recording.now)}. {words.about(recording)}.")
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    ruler = ["--:" if number in right else "---" for number in range(len(heads))]
    return "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in (heads, ruler, *lines))


def _escaped(value: str) -> str:
    for character in ("\\", "|", "<", "_", "*", "`"):
        value = value.replace(character, f"\\{character}")
    return value
