"""A gate's run as JUnit XML, a test case for each measure: what CI systems show beside the tests."""

from xml.etree import ElementTree

from benchmarks.gate import words
from benchmarks.gate.decision import Verdict
from benchmarks.gate.judgement import comparisons, counted, measures, problems
from benchmarks.gate.recording import Recording


def text(recording: Recording) -> str:
    """A regression is a failure; what came to no verdict is an error, as it is no pass."""
    found = comparisons(recording)
    suite = ElementTree.Element("testsuite", name="bench gate")
    whole = problems(recording) + ([recording.trouble[0]] if recording.trouble else [])
    for measure in measures(recording):
        seconds = sum(sample.seconds for sample in counted(recording) if sample.task == measure.task)
        case = ElementTree.SubElement(
            suite, "testcase", classname="benchmarks.gate", name=measure.name, time=f"{seconds:.3f}"
        )
        of = found.get(measure.name)
        if whole or of is None:
            ElementTree.SubElement(case, "error", type="invalid", message="; ".join(whole) or "no samples")
        elif of.verdict is Verdict.REGRESSION:
            ElementTree.SubElement(case, "failure", type=of.verdict.value, message=words.reason(measure, of))
        elif of.verdict is Verdict.INCONCLUSIVE:
            ElementTree.SubElement(case, "error", type=of.verdict.value, message=words.reason(measure, of))
        else:
            ElementTree.SubElement(case, "system-out").text = words.reason(measure, of)
    for what in ("failure", "error"):
        suite.set(f"{what}s", str(len(suite.findall(f"testcase/{what}"))))
    suite.set("tests", str(len(suite)))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
