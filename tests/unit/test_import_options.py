import pytest

from app.imports.options import parse
from app.problem import Problem


def parsed(filename="list.csv", **form):
    return parse({"kind": "contacts", **form}, filename)


def refused(form):
    with pytest.raises(Problem) as problem:
        parse(form, "list.csv")
    assert problem.value.status == 400
    return problem.value


@pytest.mark.parametrize(
    ("filename", "name"),
    [("Spring list.csv", "Spring list"), ("list", "list"), (".csv", ".csv"), ("a.b.csv", "a.b"), ("Zoë.CSV", "Zoë")],
)
def test_a_list_is_named_after_the_file_unless_told_otherwise(filename, name):
    assert parsed(filename).list_name == name
    assert parsed(filename, list="  ").list_name == name
    assert parsed(filename, list=" My list ").list_name == "My list"


def test_mode_is_auto_and_duplicates_are_updated_unless_told_otherwise():
    assert (parsed().mode, parsed().on_duplicate, parsed().kind.name) == ("auto", "update", "contacts")
    assert parsed(mode="sync", dry_run="false", on_duplicate="update").mode == "sync"


@pytest.mark.parametrize(
    ("option", "value", "built"),
    [
        ("mode", "async", ["auto", "sync"]),
        ("mode", "", ["auto", "sync"]),
        ("mode", "SYNC", ["auto", "sync"]),
        ("kind", "propertyradar", ["contacts"]),
        ("on_duplicate", "skip", ["update"]),
        ("dry_run", "true", ["false"]),
        ("dry_run", "x" * 10_000, ["false"]),
    ],
)
def test_what_is_not_built_is_refused_naming_what_is(option, value, built):
    problem = refused({"kind": "contacts", option: value})
    assert (problem.kind, problem.extensions["option"], problem.extensions["allowed"]) == ("bad-option", option, built)
    assert value[:100] in problem.detail
    assert len(problem.detail) < 300


def test_a_missing_kind_is_named():
    assert "The option kind is missing; what is built: contacts." in refused({}).detail


def test_unknown_options_are_all_named_with_the_ones_there_are():
    problem = refused({"kind": "contacts", "Mode": "sync", "chunk": "1"})
    assert (problem.kind, problem.extensions["options"]) == ("unknown-option", ["Mode", "chunk"])
    assert "there are: dry_run, kind, list, mode, on_duplicate" in problem.detail


@pytest.mark.parametrize("name", ["x" * 201, "a\0b"])
def test_a_list_name_that_can_not_be_stored_is_refused(name):
    assert refused({"kind": "contacts", "list": name}).extensions["option"] == "list"
