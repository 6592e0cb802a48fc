"""Rows of another shape than the header, and cells that can't be kept."""

from files_table.file import File, Stored

LIMIT = 1000  # characters of a cell, in the app that these tests use

SHAPES = (
    File(
        "rows with too few and too many cells",
        b"phone,first_name,notes\n{0}\n{1},Bo\n{2},Cy,x,y,z\n{3},Di,x\n,,\n",
        rows=5,
        created=1,
        errors=(
            (1, "", "ragged_row"),
            (2, "", "ragged_row"),
            (3, "", "ragged_row"),
            (5, "phone", "phone_missing"),
        ),
        stored=Stored({3: {"first_name": "Di"}}),
        fixed=Stored(
            {
                0: {"first_name": None},
                1: {"first_name": "Bo", "notes": None},
                2: {"first_name": "Cy", "notes": "x"},
                3: {"first_name": "Di"},
                10: {"first_name": None},
            }
        ),
    ),
    File(
        "NUL bytes",
        b"phone,notes,Hint\n{0},a\0b,x\n{1}\0,c,\n{2},d,\0\0\n{3},e,\n",
        rows=4,
        created=1,
        errors=((1, "notes", "nul_byte"), (2, "phone", "nul_byte"), (3, "Hint", "nul_byte")),
        unknown=("Hint",),
        stored=Stored({3: {"notes": "e"}}),
        fixed=Stored(
            {
                0: {"notes": "ab", "extra": {"Hint": "x"}},
                1: {"notes": "c"},
                2: {"notes": "d", "extra": {}},
                3: {"notes": "e"},
            }
        ),
    ),
    File(
        "cells at the limit and over it",
        b"phone,notes,Hint\n{0}," + b"x" * LIMIT + b",\n{1}," + b"y" * (LIMIT + 1) + b",-1\n"
        b"{2},," + b"=" * 2 * LIMIT + b"\n" + b"3" * (LIMIT + 1) + b",,\n",
        rows=4,
        created=1,
        errors=((2, "notes", "cell_too_long"), (3, "Hint", "cell_too_long"), (4, "phone", "cell_too_long")),
        unknown=("Hint",),
        stored=Stored({0: {"notes": "x" * LIMIT}}),
        fixed=Stored(
            {
                0: {},
                1: {"notes": "y" * LIMIT, "extra": {"Hint": "-1"}},
                2: {"extra": {"Hint": "=" * (LIMIT - 1)}},  # it was cut with the apostrophe in front
                10: {"notes": None},
            }
        ),
        rounds=2,
    ),
    File(
        "line ends, quotes and delimiters in quotes",
        b'phone,first_name,notes\r\n{0},"A,da","line 1\r\nline 2\n\nline 4"\r\n{1},"B""o""",";|\t"\r\n',
        rows=2,
        created=2,
        stored=Stored(
            {
                0: {"first_name": "A,da", "notes": "line 1\r\nline 2\n\nline 4"},
                1: {"first_name": 'B"o"', "notes": ";|"},
            }
        ),
    ),
    File(
        "line ends in a rejected row",
        b'phone,first_name,notes\nnone,"=A\nda","line 1\r\nline 2, ""x"""\n{0},,\n',
        rows=2,
        created=1,
        errors=((1, "phone", "phone_invalid"),),
        stored=Stored({0: {}}),
        fixed=Stored({0: {}, 10: {"first_name": "=A\nda", "notes": 'line 1\r\nline 2, "x"'}}),
    ),
    File(
        "a quote closed rows later",
        b'phone,notes\n{0},a\n"{1},b\n{2},"c\n{3},d\n',
        rows=3,
        created=2,
        errors=((2, "", "ragged_row"),),
        stored=Stored({0: {"notes": "a"}, 3: {"notes": "d"}}),
        fixed=Stored({0: {}, 3: {}, 10: {"notes": None}}),
        rounds=2,
    ),
    File(
        "files put together, each with its header",
        b"phone,first_name\n{0},Ada\nphone,first_name\n{1},Bo\nphone,first_name\nnone,Cy\n",
        rows=5,
        created=2,
        errors=((2, "", "header_repeated"), (4, "", "header_repeated"), (5, "phone", "phone_invalid")),
        stored=Stored({0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}}),
        fixed=Stored({0: {}, 1: {}, 10: {"first_name": "Cy"}}),
    ),
    File(
        "a contact list has no licence line",
        b"phone,first_name\n{0},Ada\nnone,Bo\nNot for resale",
        rows=3,
        created=1,
        errors=((2, "phone", "phone_invalid"), (3, "", "ragged_row")),
        stored=Stored({0: {"first_name": "Ada"}}),
        fixed=Stored({0: {}, 10: {"first_name": "Bo"}}),
    ),
    File(
        "many rejected rows in several chunks",
        b"phone,first_name,Hint\n{0},Ada,\n" + b"n/a,=x,-y\n" * 119 + b"{1},Bo,\n",
        rows=121,
        created=2,
        errors=tuple((row, "phone", "phone_invalid") for row in range(2, 121)),
        unknown=("Hint",),
        stored=Stored({0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}}),
        # Given these numbers in turn, again and again.
        fixed=Stored(
            {place: {} for place in (0, 1)}
            | {place: {"first_name": "=x", "extra": {"Hint": "-y"}} for place in range(10, 20)}
        ),
    ),
)
