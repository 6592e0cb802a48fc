"""Encodings, delimiters and line ends."""

import codecs

from files_table.file import File, Stored

ZOE = "phone,first_name,notes\n{0},Zoë,Ωmega \U0001f600\n"
UNICODE_TEXT = "phone\tfirst_name\tHint\r\n{0}\tZoë\t=1\r\nnone\t\U0001f600\t-2\r\n{1}\t\tx\ty\r\n"
ALIKE = Stored({0: {"first_name": "Zoë", "notes": "Ωmega \U0001f600"}})
TWO = Stored({0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}})


def unicode_text(encoding, bom, delimiter="tab", text=UNICODE_TEXT, more=""):
    """As Excel saves 'Unicode Text'."""
    return File(
        f"{encoding} {delimiter}{more}",
        bom + text.encode(encoding),
        rows=3,
        created=1,
        errors=((2, "phone", "phone_invalid"), (3, "", "ragged_row")),
        encoding=encoding,
        delimiter=delimiter,
        unknown=("Hint",),
        stored=Stored({0: {"first_name": "Zoë", "extra": {"Hint": "=1"}}}),
        fixed=Stored(
            {
                0: {},
                1: {"first_name": None, "extra": {"Hint": "x"}},
                10: {"first_name": "\U0001f600", "extra": {"Hint": "-2"}},
            }
        ),
    )


def delimited(delimiter, by, start="", more=""):
    """The other delimiters stand in its cells."""
    others = ",;\t|".replace(by, "")
    header = by.join(["phone", "first_name", "notes"])
    rows = [by.join(["{0}", "Ada", f"a{others}b"]), by.join(["none", "=B", f"-{others}"]), by.join(["{1}", "Cy"])]
    return File(
        f"{delimiter}{more}",
        (start + "\r\n".join([header, *rows]) + "\r\n").encode(),
        rows=3,
        created=1,
        errors=((2, "phone", "phone_invalid"), (3, "", "ragged_row")),
        delimiter=delimiter,
        stored=Stored({0: {"first_name": "Ada", "notes": f"a{others}b"}}),
        fixed=Stored({0: {}, 1: {"first_name": "Cy"}, 10: {"first_name": "=B", "notes": f"-{others}".strip()}}),
    )


def lines(name, *ends):
    """Two rows; *ends* behind the header and each of them."""
    texts = (b"phone,first_name", b"{0},Ada", b"{1},Bo")
    data = b"".join(text + end for text, end in zip(texts, ends, strict=True))
    return File(f"lines end in {name}", data, rows=2, created=2, stored=TWO)


DIALECTS = (
    File("UTF-8", ZOE.encode(), rows=1, created=1, stored=ALIKE),
    File("UTF-8 with a byte order mark", ZOE.encode("utf-8-sig"), rows=1, created=1, stored=ALIKE),
    File(
        "a byte order mark and a quoted header",
        b'\xef\xbb\xbf"phone","first_name"\r\n"{0}","Ada"\r\n"{1}","Bo"\r\n',
        rows=2,
        created=2,
        stored=TWO,
    ),
    unicode_text("utf-16-le", codecs.BOM_UTF16_LE),
    unicode_text("utf-16-be", codecs.BOM_UTF16_BE),
    unicode_text("utf-16-le", codecs.BOM_UTF16_LE, "comma", UNICODE_TEXT.replace("\t", ",")),
    unicode_text("utf-16-be", codecs.BOM_UTF16_BE, "semicolon", "sep=;\r\n" + UNICODE_TEXT.replace("\t", ";"), " sep"),
    File(
        "Windows-1252",
        "phone,first_name,company,notes\n{0},Zoë,“Café” €5,\nnone,José,=Ñandú,'s\n".encode("windows-1252"),
        rows=2,
        created=1,
        errors=((2, "phone", "phone_invalid"),),
        encoding="windows-1252",
        stored=Stored({0: {"first_name": "Zoë", "company": "“Café” €5"}}),
        fixed=Stored({0: {}, 10: {"first_name": "José", "company": "=Ñandú", "notes": "'s"}}),
    ),
    File(
        "Windows-1252 with an accent in the header",
        "phone;first_name;Société\r\n{0};Ada;Engines\r\nnone;Bo;Café\r\n".encode("windows-1252"),
        rows=2,
        created=1,
        errors=((2, "phone", "phone_invalid"),),
        encoding="windows-1252",
        delimiter="semicolon",
        unknown=("Société",),
        stored=Stored({0: {"extra": {"Société": "Engines"}}}),
        fixed=Stored({0: {}, 10: {"extra": {"Société": "Café"}}}),
    ),
    delimited("comma", ","),
    delimited("semicolon", ";"),
    delimited("tab", "\t"),
    delimited("pipe", "|"),
    delimited("semicolon", ";", "sep=;\r\n", " with its sep= line"),
    delimited("comma", ",", "sep=,\n", " with its sep= line"),
    delimited("tab", "\t", "sep=\t\r\n", " with its sep= line"),
    delimited("pipe", "|", '\ufeff"sep=|"\r\n', " with its quoted sep= line behind a byte order mark"),
    lines("LF", b"\n", b"\n", b"\n"),
    lines("CRLF", b"\r\n", b"\r\n", b"\r\n"),
    lines("CR", b"\r", b"\r", b"\r"),
    lines("one, then another", b"\r\n", b"\n", b"\r"),
    lines("nothing, the last one", b"\n", b"\n", b""),
    lines("several", b"\n\n", b"\r\n\r\n\r\n", b"\n\n\n"),
    File("one column", b"phone\n{0}\n{1}\n", rows=2, created=2, stored=Stored({0: {}, 1: {}})),
    File(
        "one column with empty and wrong cells",
        b'phone\n{0}\n\n""\n   \nnone\n',
        rows=4,
        created=1,
        errors=((2, "phone", "phone_missing"), (3, "phone", "phone_missing"), (4, "phone", "phone_invalid")),
        stored=Stored({0: {}}),
        fixed=Stored({0: {}, 10: {}, 11: {}, 12: {}}),
    ),
)
