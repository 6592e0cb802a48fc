"""What is no table of its kind: answered with a 4xx, and nothing is left behind."""

import codecs

from files_table.file import File

NOT_A_CSV = (400, "not-a-csv")
MISSING = (400, "missing-columns")
TWICE = (400, "repeated-columns")
NO_ROWS = (422, "no-rows")
LIST = "phone,first_name\n+14045550100,Ada\n"

REFUSED = (
    File("an empty file", b"", refused=NOT_A_CSV, says="empty"),
    File("nothing but a byte order mark", b"\xef\xbb\xbf", refused=NOT_A_CSV, says="empty"),
    File("nothing but a UTF-16 byte order mark", b"\xff\xfe", refused=NOT_A_CSV, says="empty"),
    File("blank lines", b"\n\r\n\n", refused=NOT_A_CSV, says="empty"),
    File("an empty header", b",,\n+14045550100,Ada,x\n", refused=NOT_A_CSV, says="empty"),
    File("a header and no rows", b"phone,first_name\r\n\r\n", refused=NO_ROWS, says="no rows"),
    File("a sep= line and no rows", b"sep=;\r\nphone;first_name\r\n", refused=NO_ROWS, says="no rows"),
    File(
        "a header and the licence line",
        b"Type,Address,City,ZIP,Primary Name,Primary Phone1\nNot for resale",
        kind="propertyradar",
        refused=NO_ROWS,
        says="no rows",
    ),
    File("an Excel workbook", b"PK\x03\x04\x14\x00\x06\x00" + b"\0" * 100, refused=NOT_A_CSV, says="Excel workbook"),
    File("an old Excel workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", refused=NOT_A_CSV, says="old Excel workbook"),
    File("a PDF", b"%PDF-1.7\n", refused=NOT_A_CSV, says="PDF"),
    File("a gzip file", b"\x1f\x8b\x08\0\0\0\0\0", refused=NOT_A_CSV, says="gzip"),
    File("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", refused=NOT_A_CSV, says="an image"),
    File("a web page", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", refused=MISSING, says="phone"),
    File("rows without a header", b"+14045550100,Ada\n+14045550101,Bo\n", refused=MISSING, says="header line"),
    File("a file of another kind", b"name,number\nAda,+14045550100\n", refused=MISSING, says="found: name, number"),
    File(
        "a contact list for a PropertyRadar export",
        LIST.encode(),
        kind="propertyradar",
        refused=MISSING,
        says="Address, City, Primary Mobile Phone1, Primary Name, Type, ZIP",
    ),
    File(
        "a campaign without phones", b"name,status\nAda,sent\n", kind="campaign", refused=MISSING, says="phone number"
    ),
    File("a phone column twice", b"phone,first_name,Phone\n1,Ada,2\n", refused=TWICE, says="phone"),
    File("another known column twice", b"phone,E-Mail,e_mail\n1,a@b.co,\n", refused=TWICE, says="e mail"),
    File("UTF-16 without its mark", LIST.encode("utf-16-le"), refused=NOT_A_CSV, says="UTF-16 without the mark"),
    File("UTF-32", codecs.BOM_UTF32_LE + LIST.encode("utf-32-le"), refused=NOT_A_CSV, says="UTF-32"),
    File(
        "UTF-16 with half a character",
        codecs.BOM_UTF16_BE + LIST.encode("utf-16-be") + b"\xd8\x3d\0\n",
        refused=NOT_A_CSV,
        says="line 3 holds half a character",
    ),
    File("UTF-16 cut off", codecs.BOM_UTF16_LE + LIST.encode("utf-16-le")[:-1], refused=NOT_A_CSV, says="UTF-16"),
    File(
        "UTF-8 and Windows-1252 in one file",
        b"phone,first_name\n+14045550100,Zo\xc3\xab\n+14045550101,Zo\xeb\n",
        refused=NOT_A_CSV,
        says="line 3 holds the byte 0xeb",
    ),
    File(
        "a byte that no encoding has",
        b"phone,first_name\n+14045550100,Zo\xeb\n+14045550101,\x81\n",
        refused=NOT_A_CSV,
        says="line 3 holds the byte 0x81",
    ),
    File("a NUL byte in the header", b"pho\0ne\n+14045550100\n", refused=NOT_A_CSV, says="NUL"),
    File("a delimiter that can't be read", b"sep=#\nphone#first_name\n1#Ada\n", refused=NOT_A_CSV, says="'#'"),
    File("a quote that is never closed", b'phone,notes\n1,"a\n2,b\n', refused=NOT_A_CSV, says="line 2 is never closed"),
    File(
        "a header with too many columns",
        b"phone" + b",x" * 20_000 + b"\n1\n",
        refused=(400, "bad-header"),
        says="20,001",
    ),
    File(
        "a name too long for a column", b"phone," + b"x" * 1001 + b"\n1,2\n", refused=(400, "bad-header"), says="1,001"
    ),
    File("too large a file", b"phone\n" + b"x" * 2**20, refused=(413, "too-large"), says="Split the file"),
)
