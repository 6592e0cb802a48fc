"""Campaign contacts: who was written to, when, and what came of it."""

from files_table.file import File, Stored

HEADER = b"name,phone_number,status,message_sent_at,openphone_message_id\n"
TWO = {"contacts": (2, 0, 0), "members": (2, 0, 0)}

CAMPAIGN = (
    File(
        "campaign: every status and every way to write a time",
        HEADER + b"Ada King,{0},pending,,\n"
        b"Bo King,{1.parens},Sent,2026-05-04T10:30:00Z,AC1\n"
        b"Cy Ng,{2.dots},DELIVERED,2026-05-04 10:30:00+02:00,AC2\n"
        b"Di Ng,{3.float}, failed ,2026-05-04T10:30:00.123456,AC3\n"
        b"Ed Oh,{4.dashes},replied,5/4/2026 10:30 PM,AC4\n"
        b",{5.digits},,2026-05-04,\n",
        kind="campaign",
        rows=6,
        created=6,
        counts={"contacts": (6, 0, 0), "members": (6, 0, 0)},
        stored=Stored(
            contacts={
                0: {"first_name": "Ada", "last_name": "King", "extra": {}},
                **{place: {} for place in (1, 2, 3, 4)},
                5: {"first_name": None},
            },
            members={
                0: {"status": "pending", "message_sent_at": None, "openphone_message_id": None},
                1: {"status": "sent", "message_sent_at": "2026-05-04T10:30:00", "openphone_message_id": "AC1"},
                2: {"status": "delivered", "message_sent_at": "2026-05-04T08:30:00"},
                3: {"status": "failed", "message_sent_at": "2026-05-04T10:30:00.123456"},
                4: {"status": "replied", "message_sent_at": "2026-05-04T22:30:00"},
                5: {"status": None, "message_sent_at": "2026-05-04T00:00:00"},
            },
        ),
    ),
    File(
        "campaign: a wrong cell of every sort",
        HEADER + b"=Ada,{0},bounced,,=1\nBo,{1},sent,yesterday,-2\nCy,{2},sent,2026-13-01T00:00:00Z,\n"
        b"Di,none,sent,,+3\nEd,,sent,,\nFlo,{3.local},sent,,\nGus,{4},sent,2026-05-04T25:00:00Z,\n"
        b"Hal,{5}\n\0Ivy,{6},,,\nname,phone_number,status,message_sent_at,openphone_message_id\n'Jo,{7},,,'4\n",
        kind="campaign",
        rows=11,
        created=1,
        errors=(
            (1, "status", "status_invalid"),
            (2, "message_sent_at", "date_invalid"),
            (3, "message_sent_at", "date_invalid"),
            (4, "phone_number", "phone_invalid"),
            (5, "phone_number", "phone_missing"),
            (6, "phone_number", "phone_no_area_code"),
            (7, "message_sent_at", "date_invalid"),
            (8, "", "ragged_row"),
            (9, "name", "nul_byte"),
            (10, "", "header_repeated"),
        ),
        counts={"contacts": (1, 0, 0), "members": (1, 0, 0)},
        stored=Stored(contacts={7: {"first_name": "'Jo"}}, members={7: {"openphone_message_id": "'4"}}),
        fixed=Stored(
            contacts={
                0: {"first_name": "=Ada"},
                **{1: {"first_name": "Bo"}, 2: {"first_name": "Cy"}, 4: {"first_name": "Gus"}},
                **{5: {"first_name": "Hal"}, 6: {"first_name": "Ivy"}, 7: {"first_name": "'Jo"}},
                **{10: {"first_name": "Di"}, 11: {"first_name": "Ed"}, 12: {"first_name": "Flo"}},
            },
            members={
                0: {"status": "sent", "openphone_message_id": "=1"},
                1: {"status": "sent", "message_sent_at": "2026-05-04T10:30:00", "openphone_message_id": "-2"},
                2: {"message_sent_at": "2026-05-04T10:30:00"},
                4: {"message_sent_at": "2026-05-04T10:30:00"},
                **{5: {"status": None}, 6: {}, 7: {}, 10: {"openphone_message_id": "+3"}, 11: {}, 12: {}},
            },
        ),
    ),
    File(
        "campaign: other column names and columns that no one knows",
        b"Mobile;Full Name;STATUS;Sent At;Reply;@note\r\n{0};King, Ada;Replied;2026-05-04T10:30:00Z;=yes;@x\r\n"
        b"{1};Bo;;;;\r\nnone;Cy;;;-no;\r\n",
        kind="campaign",
        rows=3,
        created=2,
        errors=((3, "Mobile", "phone_invalid"),),
        counts=TWO,
        delimiter="semicolon",
        unknown=("Reply", "@note"),
        stored=Stored(
            contacts={0: {"first_name": "Ada", "last_name": "King", "extra": {}}, 1: {}},
            members={0: {"status": "replied", "extra": {"Reply": "=yes", "@note": "@x"}}, 1: {"extra": {}}},
        ),
        fixed=Stored(contacts={0: {}, 1: {}, 10: {}}, members={0: {}, 1: {}, 10: {"extra": {"Reply": "-no"}}}),
    ),
    File(
        "campaign: a contact twice in a chunk",
        HEADER + b"Ada,{0},sent,2026-05-04T10:30:00Z,AC1\n,{0.dots},Replied,,\nBo,{1},,,\n",
        kind="campaign",
        rows=3,
        created=2,
        duplicate=1,
        counts=TWO,
        stored=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {}},
            members={
                0: {"status": "replied", "message_sent_at": "2026-05-04T10:30:00", "openphone_message_id": "AC1"},
                1: {"status": None},
            },
        ),
    ),
    File(
        "campaign: a contact twice, chunks apart, the later one with a wrong status",
        HEADER + b"Ada,{0},sent,,\n" + b"x,n/a,,,\n" * 49 + b",{0},Replied,,\nBo,{1},,,\n,{0},gone,,\n",
        kind="campaign",
        rows=53,
        created=2,
        duplicate=1,
        errors=(*((row, "phone_number", "phone_invalid") for row in range(2, 51)), (53, "status", "status_invalid")),
        counts=TWO,
        stored=Stored(contacts={0: {"first_name": "Ada"}, 1: {}}, members={0: {"status": "replied"}, 1: {}}),
        fixed=Stored(
            contacts={0: {}, 1: {}} | {place: {"first_name": "x"} for place in range(10, 20)},
            members={0: {"status": "sent"}, 1: {}} | {place: {} for place in range(10, 20)},
        ),
    ),
    File(
        "campaign: what came of it since",
        HEADER + b"Ada,{0},Delivered,,\nBo,{1},sent,,\nCy,{2},,,[clear]\nDi,{3},,,\n",
        kind="campaign",
        before=HEADER + b"Ada,{0},sent,2026-05-04T10:30:00Z,AC1\nBo,{1},sent,,\nCy,{2},sent,,AC2\n",
        rows=4,
        created=1,
        updated=2,
        unchanged=1,
        counts={"contacts": (1, 0, 3), "members": (1, 2, 1)},
        stored=Stored(
            contacts={place: {} for place in range(4)},
            members={
                0: {"status": "delivered", "message_sent_at": "2026-05-04T10:30:00", "openphone_message_id": "AC1"},
                1: {"status": "sent"},
                2: {"status": "sent", "openphone_message_id": None},
                3: {"status": None},
            },
        ),
    ),
    File(
        "campaign, skip: known, again, new",
        HEADER + b"New,{0},replied,,\nBo,{1},sent,,\nBo,{1},failed,,\n",
        kind="campaign",
        form={"on_duplicate": "skip"},
        before=HEADER + b"Ada,{0},sent,,\n",
        rows=3,
        created=1,
        duplicate=1,
        skipped=1,
        counts={"contacts": (1, 0, 0), "members": (1, 0, 0)},
        stored=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {}}, members={0: {"status": "sent"}, 1: {"status": "sent"}}
        ),
    ),
    File(
        "campaign, fail: known",
        HEADER + b"Bo,{1},sent,,\nAda,{0},replied,,\n",
        kind="campaign",
        form={"on_duplicate": "fail"},
        before=HEADER + b"Ada,{0},sent,,\n",
        rows=2,
        duplicate_at=2,
        stored=Stored(contacts={0: {}}, members={0: {"status": "sent"}}),
    ),
    File(
        "campaign: a dry run",
        HEADER + b"Ada,{0},sent,,\nBo,{1},gone,,\n",
        kind="campaign",
        form={"dry_run": "true"},
        rows=2,
        created=1,
        errors=((2, "status", "status_invalid"),),
        counts={"contacts": (1, 0, 0), "members": (1, 0, 0)},
        fixed=Stored(),
    ),
)
