import pytest

from app.imports.kinds import KINDS
from app.imports.layout import COLUMNS_MAX, ERROR_COLUMNS, NAME_MAX_CHARS, canonical, match, recognised, understand
from app.problem import Problem

CONTACTS, RADAR, CAMPAIGN = (KINDS[name] for name in ("contacts", "propertyradar", "campaign"))
RADAR_COLUMNS = (
    *("Type", "Address", "City", "ZIP", "Subdivision", "Longitude", "Latitude", "APN", "Yr Built", "Purchase Date"),
    *("Purchase Mos Since", "Sq Ft", "Beds", "Baths", "Est Value", "Est Equity $", "Owner", "Mail Address"),
    *("Mail City", "Mail State", "Mail ZIP", "Owner Occ?", "Listed for Sale?", "Listing Status", "Foreclosure?"),
    *("Est Equity %", "High Equity?", "Primary Name", "Primary Mobile Phone1", "Primary Mobile 1 Status"),
    *("Primary Email1", "Primary Email 1 Status", "Primary Email1 Hash", "Secondary Name", "Secondary Mobile Phone1"),
    *("Secondary Mobile 1 Status", "Secondary Email1", "Secondary Email 1 Status", "Secondary Email1 Hash"),
)


def refused(header, kind=CONTACTS):
    with pytest.raises(Problem) as problem:
        match(header, kind)
    assert problem.value.status == 400
    return problem.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("phone", "phone"),
        ("  Phone ", "phone"),
        ("First Name", "first name"),
        ("first-name", "first name"),
        ("FIRST__name", "first name"),
        ("_first name-", "first name"),
        ("First\u00a0Name", "first name"),
        ("", ""),
        ("_", ""),
    ],
)
def test_case_spacing_and_hyphens_of_a_column_name_do_not_matter(written, meant):
    assert canonical(written) == meant


def test_columns_are_found_in_any_order_beside_ones_that_no_one_knows():
    layout = match(["Notes", "Favourite  Colour", "PHONE", "last name"], CONTACTS)
    assert dict(layout.position) == {"phone": 2, "last_name": 3, "notes": 0}
    assert dict(layout.unknown) == {"Favourite Colour": 1}
    assert layout.header == layout.as_read == ("Notes", "Favourite  Colour", "PHONE", "last name")
    assert (layout.width, layout.lead) == (4, 0)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        # The guide's list, OpenPhone's own export, an agent list.
        (
            "phone,first_name,last_name,email,company,title,address,city,state,zip,notes",
            "phone,first_name,last_name,email,company,title,address,city,state,zip,notes",
        ),
        ("First name,Last name,Phone number,Email,Address,Role", "first_name,last_name,phone,email,address,title"),
        ("First Name,Last Name,Phone,Company", "first_name,last_name,phone,company"),
        ("Full Name,Mobile,E-mail,Postal Code", "name,phone,email,zip"),
        ("cell_phone,JOB-TITLE,Organisation,Comments", "phone,title,company,notes"),
        ("Telephone,Street,Town,Province", "phone,address,city,state"),
    ],
)
def test_a_contact_list_of_any_usual_shape_is_understood_whole(header, fields):
    layout = match(header.split(","), CONTACTS)
    assert {field: place for place, field in enumerate(fields.split(","))} == dict(layout.position)
    assert layout.unknown == {}


def test_a_propertyradar_export_is_understood_whole():
    layout = match(RADAR_COLUMNS, RADAR)
    assert len(layout.position) == len(RADAR_COLUMNS) == recognised(RADAR_COLUMNS, RADAR) == 39
    assert layout.unknown == {}
    assert (layout.position["equity_percent"], layout.position["secondary_email_hash"]) == (25, 38)


def test_an_older_propertyradar_export_is_understood_too():
    header = [name.replace("Mobile Phone1", "Phone1") for name in RADAR_COLUMNS] + ["State"]
    layout = match(header, RADAR)
    assert layout.unknown == {}
    assert (layout.position["primary_phone"], layout.position["state"]) == (28, 39)


def test_campaign_contacts_are_understood_by_the_guides_columns():
    layout = match(["name", "phone_number", "status", "message_sent_at", "openphone_message_id"], CAMPAIGN)
    assert layout.position == {
        "name": 0, "phone": 1, "status": 2, "message_sent_at": 3, "openphone_message_id": 4,
    }  # fmt: skip
    assert match(["Mobile"], CAMPAIGN).position == {"phone": 0}


def test_a_whole_name_beside_first_or_last_name_is_a_column_that_no_one_knows():
    layout = match(["Name", "Phone", "Last Name"], CONTACTS)
    assert (layout.position, layout.unknown) == ({"phone": 1, "last_name": 2}, {"Name": 0})


def test_of_two_columns_that_could_be_a_field_the_preferred_name_counts_and_the_other_is_kept():
    for header in (["Mobile", "Phone"], ["Phone", "Mobile"]):
        layout = match(header, CONTACTS)
        assert layout.position == {"phone": header.index("Phone")}
        assert layout.unknown == {"Mobile": header.index("Mobile")}


def test_columns_that_no_one_knows_keep_their_names_and_no_two_have_the_same():
    layout = match(["phone", "x", " x", "", "X", "x (2)", "x", "column 4"], CONTACTS)
    assert dict(layout.unknown) == {
        "x": 1, "x (2)": 2, "column 4": 3, "X": 4, "x (2) (2)": 5, "x (3)": 6, "column 4 (2)": 7,
    }  # fmt: skip


def test_how_many_columns_a_kind_knows():
    header = ["Name", "Phone Number", "Status", "x"]
    assert [recognised(header, kind) for kind in (CONTACTS, RADAR, CAMPAIGN)] == [2, 0, 3]
    assert recognised([], CONTACTS) == 0


def test_the_columns_of_an_errors_csv_are_passed_over():
    layout = match([*ERROR_COLUMNS, "phone", "error_row"], CONTACTS)
    assert (layout.lead, layout.width, layout.header) == (5, 2, ("phone", "error_row"))
    assert (layout.position, layout.unknown) == ({"phone": 0}, {"error_row": 1})
    assert match(layout.as_read, CONTACTS) == layout


def test_the_columns_of_an_errors_csv_are_known_as_a_spreadsheet_may_write_them():
    written = [" Error Row", "ERROR_COLUMN", "error-value", "error_reason ", "error_fix"]
    assert match([*written, "phone"], CONTACTS).lead == 5


@pytest.mark.parametrize("left", [ERROR_COLUMNS[:4], ERROR_COLUMNS[2:], ERROR_COLUMNS[::2]])
def test_of_the_columns_of_an_errors_csv_some_may_have_been_deleted(left):
    layout = match([*left, "phone", "'=x"], CONTACTS)
    assert (layout.lead, layout.header, layout.unknown) == (len(left), ("phone", "=x"), {"=x": 1})
    assert match(layout.as_read, CONTACTS) == layout


def test_one_such_column_alone_is_the_files_own():
    layout = match(["Error Value", "phone", "'=x"], CONTACTS)
    assert (layout.lead, list(layout.unknown)) == (0, ["Error Value", "'=x"])


def test_what_was_matched_once_is_understood_again_however_long_its_names_are():
    header = ["error_row", "error_column", "phone", "x" * NAME_MAX_CHARS, *["y"] * (COLUMNS_MAX - 2)]
    layout = match(header, CONTACTS)
    assert understand(layout.as_read, CONTACTS) == layout
    assert list(layout.unknown)[-1] == f"y ({COLUMNS_MAX - 2})"


def test_columns_that_are_called_so_behind_others_are_columns_like_any_other():
    layout = match(["phone", *ERROR_COLUMNS, "'=x"], CONTACTS)
    assert (layout.lead, list(layout.unknown)) == (0, [*ERROR_COLUMNS, "'=x"])


def test_an_errors_csv_without_the_columns_of_the_kind_is_refused():
    assert refused(list(ERROR_COLUMNS)).extensions["missing"] == ["phone"]


def test_a_missing_column_is_named_with_the_ones_found():
    body = refused(["Name", "", "e-mail"]).body()
    assert (body["status"], body["type"]) == (400, "urn:timeoutlab:problem:missing-columns")
    assert (body["missing"], body["found"]) == (["phone"], ["Name", "", "e-mail"])
    assert "must name phone; found: Name, (empty), e-mail." in body["detail"]
    assert "of kind contacts (there are: contacts, propertyradar, campaign)?" in body["detail"]


@pytest.mark.parametrize("dropped", ["Type", "Address", "City", "ZIP", "Primary Name", "Primary Mobile Phone1"])
def test_an_export_without_what_every_one_has_is_refused(dropped):
    assert refused([name for name in RADAR_COLUMNS if name != dropped], RADAR).extensions["missing"] == [dropped]


def test_what_is_missing_is_called_by_its_preferred_name():
    assert refused(["name"], CAMPAIGN).extensions["missing"] == ["phone number"]


def test_a_column_that_is_there_twice_is_named_however_it_is_spelled():
    problem = refused(["phone", "First Name", "Phone", "first_name", "first-name"])
    assert (problem.kind, problem.extensions["repeated"]) == ("repeated-columns", ["first name", "phone"])


def test_a_column_that_no_one_knows_may_be_there_twice():
    assert dict(match(["x", "phone", "x"], CONTACTS).position) == {"phone": 1}


@pytest.mark.parametrize("header", [["phone"] * (COLUMNS_MAX + 1), ["phone", "x" * (NAME_MAX_CHARS + 1)]])
def test_a_first_line_too_long_for_a_header_is_refused_in_a_short_answer(header):
    problem = refused(header)
    assert problem.kind == "bad-header"
    assert len(str(problem.body())) < 2000


def test_as_many_columns_as_a_spreadsheet_has_can_be_read():
    header = ["phone", *(f"c{number}" for number in range(COLUMNS_MAX - 2)), "x" * NAME_MAX_CHARS]
    assert match(header, CONTACTS).width == COLUMNS_MAX


def test_an_answer_repeats_the_first_names_of_a_long_header_only():
    problem = refused(["x" * NAME_MAX_CHARS] * COLUMNS_MAX)
    assert problem.kind == "missing-columns"
    assert problem.extensions["found"] == ["x" * 100] * 50
    assert len(problem.detail) < 6000
