"""Contacts that are there twice, in a file or in the database; options; cells that clear."""

from files_table.file import File, Stored

FILLER = b"n/a,,\n" * 60  # more than a chunk, and nothing in it
FILLED = tuple((row, "phone", "phone_invalid") for row in range(2, 62))
FAR = b"phone,first_name,notes\n{0},Ada,a\n" + FILLER + b"{0.parens},Bo,\n{1},Cy,\n"
NEAR = b"phone,first_name,notes\n{0},Ada,a\n{0.digits},Bo,\n{1},Cy,\n"
KNOWN = b"phone,first_name,notes\n{0},Old,old\n"
# The rows in between are given these numbers in turn, again and again.
SPARES = {place: {"first_name": None} for place in range(10, 20)}

REPEATS = (
    File(
        "a contact twice in a chunk",
        b"phone,first_name,email,notes,Hint,Note\n{0},Ada,a@b.co,,1,x\n{0.dots},,,later,2,\n{0.float},Bo,,,,y\n{1},Cy,,,,\n",
        rows=4,
        created=2,
        duplicate=2,
        unknown=("Hint", "Note"),
        stored=Stored(
            {
                0: {"first_name": "Bo", "email": "a@b.co", "notes": "later", "extra": {"Hint": "2", "Note": "y"}},
                1: {"first_name": "Cy"},
            }
        ),
    ),
    File(
        "a contact twice, chunks apart",
        FAR,
        rows=63,
        created=2,
        duplicate=1,
        errors=FILLED,
        stored=Stored({0: {"first_name": "Bo", "notes": "a"}, 1: {"first_name": "Cy"}}),
        fixed=Stored({0: {"first_name": "Bo"}, 1: {}} | SPARES),
    ),
    File(
        "a known contact twice, chunks apart",
        FAR,
        before=KNOWN,
        rows=63,
        created=1,
        updated=1,
        duplicate=1,
        errors=FILLED,
        stored=Stored({0: {"first_name": "Bo", "notes": "a"}, 1: {}}),
        fixed=Stored({0: {"first_name": "Bo", "notes": "a"}, 1: {}} | SPARES),
    ),
    File(
        "a contact in three chunks, cleared in the second",
        b"phone,first_name,notes,Hint\n{0},Ada,a,1\n{1},Bo,b,\n" + b"{2},x,,\n" * 60 + b"{0},[clear],[clear],\n"
        b"{1},,[clear],2\n" + b"{2},,x,\n" * 60 + b"{0},,c,3\n",
        rows=125,
        created=1,
        updated=2,
        duplicate=122,
        before=b"phone,first_name,notes\n{0},Old,old\n{1},Old,old\n",
        unknown=("Hint",),
        stored=Stored(
            {
                0: {"first_name": None, "notes": "c", "extra": {"Hint": "3"}},
                1: {"first_name": "Bo", "notes": None, "extra": {"Hint": "2"}},
                2: {"first_name": "x", "notes": "x"},
            }
        ),
    ),
    File(
        "a rejected row is nobody's duplicate",
        b"phone,email\n{0},a@\n{0},a@b.co\n{0},b@\n",
        rows=3,
        created=1,
        errors=((1, "email", "email_invalid"), (3, "email", "email_invalid")),
        stored=Stored({0: {"email": "a@b.co"}}),
        fixed=Stored({0: {"email": "a@b.co"}}),
    ),
    File(
        "one name on every row of several chunks",
        b"phone,notes\n" + b"{0},x\n" * 130 + b"{0},y\n",
        rows=131,
        created=1,
        duplicate=130,
        stored=Stored({0: {"notes": "y"}}),
    ),
    File(
        "known contacts: changed, as they were, filled in",
        b"phone,first_name,notes,Hint\n{0},New,,\n{1},Same,same,\n{2},,,h\n{3},,,\n{4},Di,,\n",
        rows=5,
        created=1,
        updated=2,
        unchanged=2,
        before=b"phone,first_name,notes\n{0},Old,old\n{1},Same,same\n{2},Cy,c\n{3},Cy,c\n",
        unknown=("Hint",),
        stored=Stored(
            {
                0: {"first_name": "New", "notes": "old"},
                1: {"first_name": "Same"},
                2: {"first_name": "Cy", "notes": "c", "extra": {"Hint": "h"}},
                3: {"first_name": "Cy", "notes": "c"},
                4: {"first_name": "Di"},
            }
        ),
    ),
    File(
        "cells that clear",
        b"phone,first_name,notes,company\n{0},[clear],[CLEAR],\n{1}, [Clear] ,x,\n{2},[clear],,\n[clear],a,,\n",
        rows=4,
        updated=2,
        created=1,
        errors=((4, "phone", "phone_missing"),),
        before=b"phone,first_name,notes,company\n{0},Ada,a,Engines\n{1},Bo,b,\n",
        stored=Stored(
            {
                0: {"first_name": None, "notes": None, "company": "Engines"},
                1: {"first_name": None, "notes": "x"},
                2: {"first_name": None},
            }
        ),
        fixed=Stored({0: {}, 1: {}, 2: {}, 10: {"first_name": "a"}}),
    ),
    File(
        "a cell that clears what a row before it says",
        b"phone,first_name,notes\n{0},Ada,a\n{0},,[clear]\n{1},Bo,[clear]\n{1},,b\n",
        rows=4,
        created=2,
        duplicate=2,
        stored=Stored({0: {"first_name": "Ada", "notes": None}, 1: {"first_name": "Bo", "notes": "b"}}),
    ),
    File(
        "skip: twice in a chunk",
        NEAR,
        form={"on_duplicate": "skip"},
        rows=3,
        created=2,
        duplicate=1,
        stored=Stored({0: {"first_name": "Ada", "notes": "a"}, 1: {"first_name": "Cy"}}),
    ),
    File(
        "skip: twice, chunks apart",
        FAR,
        form={"on_duplicate": "skip"},
        rows=63,
        created=2,
        duplicate=1,
        errors=FILLED,
        stored=Stored({0: {"first_name": "Ada", "notes": "a"}, 1: {"first_name": "Cy"}}),
        fixed=Stored({0: {"first_name": "Ada"}, 1: {}} | SPARES),
    ),
    File(
        "skip: known, and once more in the file",
        NEAR,
        form={"on_duplicate": "skip"},
        before=KNOWN,
        rows=3,
        created=1,
        duplicate=1,
        skipped=1,
        stored=Stored({0: {"first_name": "Old", "notes": "old"}, 1: {"first_name": "Cy"}}),
    ),
    File(
        "skip: known, and once more chunks later",
        FAR,
        form={"on_duplicate": "skip"},
        before=KNOWN,
        rows=63,
        created=1,
        duplicate=1,
        skipped=1,
        errors=FILLED,
        stored=Stored({0: {"first_name": "Old", "notes": "old"}, 1: {"first_name": "Cy"}}),
        fixed=Stored({0: {"first_name": "Old"}, 1: {}} | SPARES),
    ),
    File(
        "fail: nothing is there twice",
        b"phone,first_name\n{0},Ada\nnone,Bo\n{1},Cy\n",
        form={"on_duplicate": "fail"},
        rows=3,
        created=2,
        errors=((2, "phone", "phone_invalid"),),
        stored=Stored({0: {}, 1: {}}),
        fixed=Stored({0: {}, 1: {}, 10: {"first_name": "Bo"}}),
    ),
    File("fail: twice in a chunk", NEAR, form={"on_duplicate": "fail"}, rows=3, duplicate_at=2),
    File("fail: twice, chunks apart", FAR, form={"on_duplicate": "fail"}, rows=63, duplicate_at=62),
    File(
        "fail: known",
        b"phone,first_name,notes\n{1},Cy,\n{0},Ada,\n",
        form={"on_duplicate": "fail"},
        before=KNOWN,
        rows=2,
        duplicate_at=2,
        stored=Stored({0: {"first_name": "Old", "notes": "old"}}),
    ),
    File(
        "a dry run",
        b"phone,first_name\n{0},New\n{1},Bo\n{1.dots},Bo\n",
        form={"dry_run": "true"},
        before=KNOWN,
        rows=3,
        created=1,
        updated=1,
        duplicate=1,
        stored=Stored({0: {"first_name": "Old"}}),
    ),
    File(
        "a dry run with rejected rows in several chunks",
        FAR,
        form={"dry_run": "true"},
        rows=63,
        created=2,
        duplicate=1,
        errors=FILLED,
        fixed=Stored(),
    ),
)
