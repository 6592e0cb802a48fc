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


@pytest.mark.parametrize("kind", ["contacts", "propertyradar"])
@pytest.mark.parametrize(
    ("filename", "name"),
    [("Spring list.csv", "Spring list"), ("list", "list"), (".csv", ".csv"), ("a.b.csv", "a.b"), ("Zoë.CSV", "Zoë")],
)
def test_a_list_is_named_after_the_file_unless_told_otherwise(filename, name, kind):
    assert parsed(filename, kind=kind).list_name == name
    assert parsed(filename, kind=kind, list="  ").list_name == name
    assert parsed(filename, kind=kind, list=" My list ").list_name == "My list"
    assert parsed(filename, kind=kind).campaign_name is None


def test_campaign_contacts_go_to_a_campaign_named_after_the_file_unless_told_otherwise():
    assert parsed("Spring.csv", kind="campaign").campaign_name == "Spring"
    assert parsed("Spring.csv", kind="campaign", campaign=" Fall ").campaign_name == "Fall"
    assert parsed("Spring.csv", kind="campaign").list_name is None


@pytest.mark.parametrize(
    ("kind", "option", "goes_to"),
    [("contacts", "campaign", "list"), ("propertyradar", "campaign", "list"), ("campaign", "list", "campaign")],
)
def test_a_name_that_is_not_for_the_kind_is_refused_with_where_its_contacts_go(kind, option, goes_to):
    problem = refused({"kind": kind, option: "Spring"})
    assert (problem.kind, problem.extensions["option"]) == ("bad-option", option)
    assert f"is not for kind {kind}, whose contacts go to a {goes_to}" in problem.detail


def test_mode_is_auto_and_duplicates_are_updated_for_good_unless_told_otherwise():
    found = parsed()
    assert (found.mode, found.on_duplicate, found.dry_run, found.kind.name) == ("auto", "update", False, "contacts")
    found = parsed(mode="sync", dry_run="true", on_duplicate="skip")
    assert (found.mode, found.dry_run, found.on_duplicate) == ("sync", True, "skip")


def test_uploads_that_ask_for_something_else_are_not_the_same():
    asked = [
        {},
        {"dry_run": "true"},
        {"on_duplicate": "skip"},
        {"on_duplicate": "fail"},
        {"list": "x"},
        {"kind": "propertyradar"},
        {"kind": "campaign"},
        {"kind": "campaign", "campaign": "x"},
    ]
    assert len({tuple(parsed(**form).fingerprint) for form in asked}) == len(asked)
    assert parsed(mode="sync").fingerprint == parsed().fingerprint


KINDS = ["contacts", "propertyradar", "campaign"]


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("mode", "asink", ["auto", "sync", "async"]),
        ("mode", "", ["auto", "sync", "async"]),
        ("mode", "SYNC", ["auto", "sync", "async"]),
        ("kind", "PropertyRadar", KINDS),
        ("kind", "", KINDS),
        ("on_duplicate", "replace", ["update", "skip", "fail"]),
        ("dry_run", "yes", ["false", "true"]),
        ("dry_run", "x" * 10_000, ["false", "true"]),
    ],
)
def test_what_there_is_not_is_refused_naming_what_there_is(option, value, allowed):
    problem = refused({"kind": "contacts", option: value})
    assert (problem.kind, problem.extensions["option"], problem.extensions["allowed"]) == (
        "bad-option",
        option,
        allowed,
    )
    assert value[:100] in problem.detail
    assert len(problem.detail) < 300


def test_a_missing_kind_is_named():
    assert "The option kind is missing; there are: contacts, propertyradar, campaign." in refused({}).detail


def test_unknown_options_are_all_named_with_the_ones_there_are():
    problem = refused({"kind": "contacts", "Mode": "sync", "chunk": "1"})
    assert (problem.kind, problem.extensions["options"]) == ("unknown-option", ["Mode", "chunk"])
    assert "there are: campaign, dry_run, kind, list, mode, on_duplicate" in problem.detail


@pytest.mark.parametrize(("kind", "option"), [("contacts", "list"), ("campaign", "campaign")])
@pytest.mark.parametrize("name", ["x" * 201, "a\0b"])
def test_a_name_that_can_not_be_stored_is_refused(kind, option, name):
    assert refused({"kind": kind, option: name}).extensions["option"] == option
