"""Contact lists: shapes of the header, spellings of a phone, and what cells may hold."""

from files_table.file import File, Stored

SPELLED = b"""phone,first_name
{0},plain
{1.digits},digits
{2.dashes},dashes
{3.parens},parens
{4.dots},dots
{5.float},a float
{6.scientific},all digits there
1{7.digits},country code
 +1 {8.parens} ,spaces
"'{9}",an apostrophe
"""

# As a spreadsheet would run them, and as one shows what it was told not to run.
FORMULAS = "=1+1", "+1", "-5", "@SUM(A1)", "'=1+1", "'tis", "''", "-", "\uff1d1", "=HYPERLINK(\"http://x\"; 'y')"
COLUMNS = "first_name", "last_name", "company", "title", "address", "city", "state", "zip", "notes"
HEADER = ("phone," + ",".join(COLUMNS) + ",Hint\n").encode()
CELLS = ",".join('"' + cell.replace('"', '""') + '"' for cell in FORMULAS).encode()
AS_THEY_WERE = dict(zip(COLUMNS, FORMULAS, strict=False)) | {"extra": {"Hint": FORMULAS[-1]}}

CONTACTS = (
    File(
        "a CRM's list with every column",
        b"phone,first_name,last_name,email,company,title,address,city,state,zip,notes\n"
        b'{0},Ada,King,ada@example.com,Engines,Countess,"12 St James\'s, Sq",Atlanta,GA,03031,"says ""hi"""\n'
        b"{1},Bo,,,,,,,,,\n",
        rows=2,
        created=2,
        stored=Stored(
            {
                0: {
                    **{"first_name": "Ada", "last_name": "King", "email": "ada@example.com", "company": "Engines"},
                    **{"title": "Countess", "address": "12 St James's, Sq", "city": "Atlanta", "state": "GA"},
                    **{"zip": "03031", "notes": 'says "hi"', "extra": {}},
                },
                1: {"first_name": "Bo", "last_name": None, "email": None, "notes": None},
            }
        ),
    ),
    File(
        "OpenPhone's own export",
        b"First name,Last name,Phone number,Email,Address,Role\r\n"
        b'Ada,King,{0.parens},ada@example.com,"1 Main St\r\nAtlanta",Buyer\r\n',
        rows=1,
        created=1,
        stored=Stored(
            {0: {"first_name": "Ada", "last_name": "King", "address": "1 Main St\r\nAtlanta", "title": "Buyer"}}
        ),
    ),
    File(
        "a list of agents",
        b"First Name,Last Name,Phone,Company\nAda,King,{0.dashes},Engines\nBo,,{1.dots},\n",
        rows=2,
        created=2,
        stored=Stored({0: {"first_name": "Ada", "company": "Engines"}, 1: {"first_name": "Bo", "company": None}}),
    ),
    File(
        "column names in other case, spacing and order",
        b"E-MAIL, LAST_NAME ,first-name,MOBILE  phone,Zip Code,Organisation\n"
        b"ada@example.com,King,Ada,{0},03031,Engines\n",
        rows=1,
        created=1,
        stored=Stored(
            {0: {"email": "ada@example.com", "last_name": "King", "first_name": "Ada", "zip": "03031"}},
        ),
    ),
    File(
        "whole names",
        b'Full Name,Cell\nAda King,{0}\n"King, Ada",{1}\nCher,{2}\nLudwig van Beethoven,{3}\n,{4}\n',
        rows=5,
        created=5,
        stored=Stored(
            {
                0: {"first_name": "Ada", "last_name": "King"},
                1: {"first_name": "Ada", "last_name": "King"},
                2: {"first_name": "Cher", "last_name": None},
                3: {"first_name": "Ludwig van", "last_name": "Beethoven"},
                4: {"first_name": None, "last_name": None},
            }
        ),
    ),
    File(
        "a whole name beside first and last name",
        b"name,first name,last name,phone\nAda K.,Ada,King,{0}\n",
        rows=1,
        created=1,
        unknown=("name",),
        stored=Stored({0: {"first_name": "Ada", "last_name": "King", "extra": {"name": "Ada K."}}}),
    ),
    File(
        "columns that no one knows",
        b"Lead Source,phone,Score, Score (2) ,\nweb,{0},7,8,9\n,{1},,,\n",
        rows=2,
        created=2,
        unknown=("Lead Source", "Score", "Score (2)", "column 5"),
        stored=Stored(
            {
                0: {"extra": {"Lead Source": "web", "Score": "7", "Score (2)": "8", "column 5": "9"}},
                1: {"extra": {}},
            }
        ),
    ),
    File(
        "an unknown column three times",
        b"phone,Tag,Tag,Tag\n{0},a,b,c\n{1},d,,e\0\n",
        rows=2,
        created=1,
        errors=((2, "Tag", "nul_byte"),),
        unknown=("Tag", "Tag (2)", "Tag (3)"),
        stored=Stored({0: {"extra": {"Tag": "a", "Tag (2)": "b", "Tag (3)": "c"}}}),
        fixed=Stored({0: {}, 1: {"extra": {"Tag": "d", "Tag (3)": "e"}}}),
    ),
    File(
        "column names that a spreadsheet would run",
        b"phone,@handle,=total,'quoted'\n{0},@ada,=1+1,'x\nnone,@bo,=2+2,'y\n",
        rows=2,
        created=1,
        errors=((2, "phone", "phone_invalid"),),
        unknown=("@handle", "=total", "'quoted'"),
        stored=Stored({0: {"extra": {"@handle": "@ada", "=total": "=1+1", "'quoted'": "'x"}}}),
        fixed=Stored({0: {}, 10: {"extra": {"@handle": "@bo", "=total": "=2+2", "'quoted'": "'y"}}}),
    ),
    File(
        "two columns for a phone",
        b"Phone Number,phone\nx,{0}\n",
        rows=1,
        created=1,
        unknown=("Phone Number",),
        stored=Stored({0: {"extra": {"Phone Number": "x"}}}),
    ),
    File(
        "phones in every spelling",
        SPELLED,
        rows=10,
        created=10,
        stored=Stored(
            {
                **{0: {"first_name": "plain"}, 1: {"first_name": "digits"}, 2: {"first_name": "dashes"}},
                **{3: {"first_name": "parens"}, 4: {"first_name": "dots"}, 5: {"first_name": "a float"}},
                **{6: {"first_name": "all digits there"}, 7: {"first_name": "country code"}},
                **{8: {"first_name": "spaces"}, 9: {"first_name": "an apostrophe"}},
            }
        ),
    ),
    File(
        "more of what a spreadsheet makes of a phone",
        b"phone\n1{0.float}\n{1.digits}.00\n+1{2.float}\n{3.digits}.5\n",
        rows=4,
        created=3,
        errors=((4, "phone", "phone_invalid"),),
        stored=Stored({0: {}, 1: {}, 2: {}}),
        fixed=Stored({0: {}, 1: {}, 2: {}, 10: {}}),
    ),
    File(
        "phones that are none",
        b"phone,first_name\n,a\nn/a,b\n{0.local},c\n{0.rounded},d\n(000) 555-0123,e\n{0}0,f\n   ,g\n{1},h\n",
        rows=8,
        created=1,
        errors=(
            (1, "phone", "phone_missing"),
            (2, "phone", "phone_invalid"),
            (3, "phone", "phone_no_area_code"),
            (4, "phone", "phone_rounded"),
            (5, "phone", "phone_invalid"),
            (6, "phone", "phone_invalid"),
            (7, "phone", "phone_missing"),
        ),
        stored=Stored({1: {"first_name": "h"}}),
        fixed=Stored({1: {}} | {10 + at: {"first_name": name} for at, name in enumerate("abcdefg")}),
    ),
    File(
        "email addresses that are none",
        b"phone,email\n{0},ada@example\n{1},ada at example.com\n{2},a@b.co; c@d.co\n{3},@example.com\n{4},a@b.co\n",
        rows=5,
        created=1,
        errors=tuple((row, "email", "email_invalid") for row in (1, 2, 3, 4)),
        stored=Stored({4: {"email": "a@b.co"}}),
        fixed=Stored({4: {"email": "a@b.co"}} | {place: {"email": None} for place in range(4)}),
    ),
    File(
        "two wrong cells in a row",
        b"Hint,phone,email\n=1,none,a@\n-2,{0},a@b.co\n",
        rows=2,
        created=1,
        errors=((1, "phone", "phone_invalid"),),
        unknown=("Hint",),
        stored=Stored({0: {}}),
        fixed=Stored({0: {}, 10: {"email": None, "extra": {"Hint": "=1"}}}),
        rounds=2,
    ),
    File(
        "no row that can be imported",
        b"phone,first_name\nnone,Ada\n555-0123,Bo\n",
        rows=2,
        errors=((1, "phone", "phone_invalid"), (2, "phone", "phone_no_area_code")),
        fixed=Stored({10: {"first_name": "Ada"}, 11: {"first_name": "Bo"}}),
    ),
    File(
        "formulas in good rows",
        HEADER + b"{0}," + CELLS + b"\n",
        rows=1,
        created=1,
        unknown=("Hint",),
        stored=Stored({0: AS_THEY_WERE}),
    ),
    File(
        "formulas in rejected rows",
        HEADER + b"=1+1," + CELLS + b"\n{0}," + CELLS + b",\n{1},,,,,,,,,,\n",
        rows=3,
        created=1,
        errors=((1, "phone", "phone_invalid"), (2, "", "ragged_row")),
        unknown=("Hint",),
        stored=Stored({1: {"extra": {}}}),
        fixed=Stored({0: AS_THEY_WERE, 1: {"extra": {}}, 10: AS_THEY_WERE}),
    ),
    File(
        "cells that begin with a tab or a line end",
        b'phone,notes,Hint\nnone,"\t=1+1","\n=2"\n{0},"\r\n=3","\'\t4"\n',
        rows=2,
        created=1,
        errors=((1, "phone", "phone_invalid"),),
        unknown=("Hint",),
        stored=Stored({0: {"notes": "=3", "extra": {"Hint": "'\t4"}}}),
        fixed=Stored({0: {}, 10: {"notes": "=1+1", "extra": {"Hint": "=2"}}}),
    ),
    File(
        "cells between spaces",
        b"phone,first_name,notes\n {0} ,  Ada ,\xc2\xa0x y\xc2\xa0\n{1},   ,\n",
        rows=2,
        created=2,
        stored=Stored({0: {"first_name": "Ada", "notes": "x y"}, 1: {"first_name": None, "notes": None}}),
    ),
    File(
        "what COPY would take for its own",
        b"phone,notes\n{0},\\.\n{1},\\N\n{2},a\\tb\\\n{3},{}\n",
        rows=4,
        created=4,
        stored=Stored({0: {"notes": "\\."}, 1: {"notes": "\\N"}, 2: {"notes": "a\\tb\\"}, 3: {"notes": "{}"}}),
    ),
)
