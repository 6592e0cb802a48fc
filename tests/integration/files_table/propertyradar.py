"""PropertyRadar exports: properties, and who is to be reached about them."""

from files_table.file import File, Stored

HEADER = (
    b"Type,Address,City,ZIP,Subdivision,Longitude,Latitude,APN,Yr Built,Purchase Date,Purchase Mos Since,Sq Ft,Beds,"
    b"Baths,Est Value,Est Equity $,Owner,Mail Address,Mail City,Mail State,Mail ZIP,Owner Occ?,Listed for Sale?,"
    b"Listing Status,Foreclosure?,Est Equity %,High Equity?,Primary Name,Primary Mobile Phone1,Primary Mobile 1 Status,"
    b"Primary Email1,Primary Email 1 Status,Primary Email1 Hash,Secondary Name,Secondary Mobile Phone1,"
    b"Secondary Mobile 1 Status,Secondary Email1,Secondary Email 1 Status,Secondary Email1 Hash\r\n"
)
LICENCE = b"Licensed to one user. Not for resale"
# The columns that no file can do without, the parcel number, and the second person.
SHORT = b"Type,Address,City,ZIP,APN,Primary Name,Primary Mobile Phone1,Secondary Name,Secondary Phone1\n"
VALUES = b"Type,Address,City,ZIP,APN,Primary Name,Primary Phone1"
REQUIRED = b"Type,Address,City,ZIP,Primary Name,Primary Phone1\n"


PROPERTYRADAR = (
    File(
        "PropertyRadar: all columns and the licence line",
        HEADER
        + b"SFR,12 OAK ST,DALTON,03031,OLD MILL,-84.970123,34.769802,AB-{0.digits},1987,2019-03-05,92,1850,3,2.5,"
        b'312000,-4500,"KING,ADA M & BO",12 OAK ST,DALTON,GA,03031,1,0,Active,0,-1.4,0,'
        b"Ada King,{0.dashes},Active,ada@example.com,Valid,c0ffee,"
        b"Bo King,{1.dashes},Inactive,bo@example.com,Valid,beef\r\n"
        b"CND,9 ELM ST,DALTON,03031,,,,AB-{1.digits},,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n" + LICENCE,
        kind="propertyradar",
        rows=2,
        created=2,
        counts={"contacts": (2, 0, 0), "properties": (2, 0, 0), "links": (2, 0, 0)},
        trailer=LICENCE.decode(),
        stored=Stored(
            contacts={
                0: {
                    **{"first_name": "Ada", "last_name": "King", "email": "ada@example.com", "address": None},
                    "extra": {"phone_status": "Active", "email_status": "Valid", "email_hash": "c0ffee"},
                },
                1: {"first_name": "Bo", "email": "bo@example.com"},
            },
            properties={
                "apn:ab-{0.digits}": {
                    **{"type": "SFR", "address": "12 OAK ST", "city": "DALTON", "zip": "03031", "state": None},
                    **{"subdivision": "OLD MILL", "longitude": -84.970123, "latitude": 34.769802},
                    **{"apn": "AB-{0.digits}", "year_built": 1987, "purchase_date": "2019-03-05"},
                    **{"purchase_months_since": 92, "square_feet": 1850, "beds": 3, "baths": 2.5},
                    **{"estimated_value": 312000, "estimated_equity": -4500, "equity_percent": -1.4},
                    **{"owner": "KING,ADA M & BO", "mail_address": "12 OAK ST", "mail_city": "DALTON"},
                    **{"mail_state": "GA", "mail_zip": "03031", "owner_occupied": True, "listed_for_sale": False},
                    **{"listing_status": "Active", "foreclosure": False, "high_equity": False, "extra": {}},
                },
                "apn:ab-{1.digits}": {"type": "CND", "year_built": None, "owner_occupied": None, "purchase_date": None},
            },
            links={("apn:ab-{0.digits}", 0): "primary", ("apn:ab-{0.digits}", 1): "secondary"},
        ),
    ),
    File(
        "PropertyRadar: other column names, US dates, brackets",
        b"Type,Address,City,State,ZIP,APN,Purchase Date,Primary Name,Primary Phone1,Secondary Name,Secondary Phone1\r\n"
        b"SFR,12 OAK ST,DALTON,GA,03031,AB-{0.digits},03/05/2019,Ada King,{0.parens},Bo King,{1.parens}\r\n"
        b"SFR,13 OAK ST,DALTON,GA,03031,AB-{1.digits},12/31/1999,Cy Ng,{2.dots},Di Ng,{3.float}\r\n",
        kind="propertyradar",
        rows=2,
        created=2,
        counts={"contacts": (4, 0, 0), "properties": (2, 0, 0), "links": (4, 0, 0)},
        stored=Stored(
            contacts={
                0: {"first_name": "Ada"},
                1: {"first_name": "Bo"},
                2: {"first_name": "Cy"},
                3: {"first_name": "Di"},
            },
            properties={
                "apn:ab-{0.digits}": {"state": "GA", "zip": "03031", "purchase_date": "2019-03-05"},
                "apn:ab-{1.digits}": {"state": "GA", "purchase_date": "1999-12-31"},
            },
            links={
                ("apn:ab-{0.digits}", 0): "primary",
                ("apn:ab-{0.digits}", 1): "secondary",
                ("apn:ab-{1.digits}", 2): "primary",
                ("apn:ab-{1.digits}", 3): "secondary",
            },
        ),
    ),
    File(
        "PropertyRadar: whom one can't call",
        b"Type,Address,City,ZIP,APN,Primary Name,Primary Mobile Phone1,Primary Email1,Secondary Name,"
        b"Secondary Mobile Phone1,Secondary Email1\n"
        b"SFR,1 A ST,DALTON,03031,P{0.digits},,,,,,\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},Ada King,,ada@example.com,Bo King,{1},\n"
        b"SFR,3 A ST,DALTON,03031,P{2.digits},Cy Ng,{2},,Di Ng,{2.dots},di@example.com\n"
        b"SFR,4 A ST,DALTON,03031,P{3.digits},Ed Oh,,,Flo Oh,,flo@example.com\n",
        kind="propertyradar",
        rows=4,
        created=4,
        counts={"contacts": (2, 0, 0), "properties": (4, 0, 0), "links": (2, 0, 0)},
        stored=Stored(
            contacts={
                1: {"first_name": "Bo", "email": None},
                2: {"first_name": "Cy", "email": None},
            },
            properties={
                "apn:p{0.digits}": {"extra": {}},
                "apn:p{1.digits}": {"extra": {"Primary Name": "Ada King", "Primary Email1": "ada@example.com"}},
                "apn:p{2.digits}": {"extra": {"Secondary Name": "Di Ng", "Secondary Email1": "di@example.com"}},
                "apn:p{3.digits}": {
                    "extra": {
                        "Primary Name": "Ed Oh",
                        "Secondary Name": "Flo Oh",
                        "Secondary Email1": "flo@example.com",
                    }
                },
            },
            links={("apn:p{1.digits}", 1): "secondary", ("apn:p{2.digits}", 2): "primary"},
        ),
    ),
    File(
        "PropertyRadar: two owners of two houses",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},Bo King,{1}\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},Bo King,{1.parens},Ada King,{0.parens}\n",
        kind="propertyradar",
        rows=2,
        created=2,
        counts={"contacts": (2, 0, 0), "properties": (2, 0, 0), "links": (4, 0, 0)},
        stored=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}},
            properties={"apn:p{0.digits}": {}, "apn:p{1.digits}": {}},
            links={
                ("apn:p{0.digits}", 0): "primary",
                ("apn:p{0.digits}", 1): "secondary",
                ("apn:p{1.digits}", 1): "primary",
                ("apn:p{1.digits}", 0): "secondary",
            },
        ),
    ),
    File(
        "PropertyRadar: an APN again in other case and spacing",
        SHORT + b"SFR,1 {1.digits} ST,DALTON,03031,Ab  9-{0.digits},Ada King,{0},,\n"
        b"MFR,,,, AB 9-{0.digits} ,Bo King,{1},,\nSFR,1 {1.digits} ST,DALTON,03031,,Cy Ng,{2},,\n",
        kind="propertyradar",
        rows=3,
        created=2,
        duplicate=1,
        counts={"contacts": (3, 0, 0), "properties": (2, 0, 0), "links": (3, 0, 0)},
        stored=Stored(
            contacts={0: {}, 1: {}, 2: {}},
            properties={
                "apn:ab 9-{0.digits}": {"type": "MFR", "address": "1 {1.digits} ST", "city": "DALTON"},
                # The flats of a house share its address.
                "address:1 {1.digits} st dalton 03031": {"apn": None},
            },
            links={
                ("apn:ab 9-{0.digits}", 0): "primary",
                ("apn:ab 9-{0.digits}", 1): "primary",
                ("address:1 {1.digits} st dalton 03031", 2): "primary",
            },
        ),
    ),
    File(
        "PropertyRadar: no APN, addresses again in other case and spacing",
        REQUIRED
        + b"SFR,{0.digits} Oak St,Dalton,03031,Ada King,{0}\nSFR,  {0.digits}  OAK  st ,DALTON,03031,Bo King,{1}\n"
        b"SFR,{0.digits} Oak St,Dalton,03032,Cy Ng,{2}\n",
        kind="propertyradar",
        rows=3,
        created=2,
        duplicate=1,
        counts={"contacts": (3, 0, 0), "properties": (2, 0, 0), "links": (3, 0, 0)},
        stored=Stored(
            contacts={0: {}, 1: {}, 2: {}},
            properties={
                "address:{0.digits} oak st dalton 03031": {"city": "DALTON"},
                "address:{0.digits} oak st dalton 03032": {"city": "Dalton"},
            },
            links={
                ("address:{0.digits} oak st dalton 03031", 0): "primary",
                ("address:{0.digits} oak st dalton 03031", 1): "primary",
                ("address:{0.digits} oak st dalton 03032", 2): "primary",
            },
        ),
    ),
    File(
        "PropertyRadar: who was secondary is primary now",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Bo King,{1},Ada King,{0}\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},Bo King,{1},Ada King,{0}\n"
        + b"CND,,,,P{2.digits},,,,\n" * 60
        + b"SFR,2 A ST,DALTON,03031,P{1.digits},Ada King,{0},Bo King,{1}\n",
        kind="propertyradar",
        before=SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},Bo King,{1}\n",
        rows=63,
        created=2,
        unchanged=1,
        duplicate=60,
        counts={"contacts": (0, 0, 2), "properties": (2, 0, 1), "links": (2, 2, 0)},
        stored=Stored(
            contacts={0: {}, 1: {}},
            properties={"apn:p{0.digits}": {}, "apn:p{1.digits}": {}, "apn:p{2.digits}": {"type": "CND"}},
            links={
                ("apn:p{0.digits}", 0): "secondary",
                ("apn:p{0.digits}", 1): "primary",
                ("apn:p{1.digits}", 0): "primary",
                ("apn:p{1.digits}", 1): "secondary",
            },
        ),
    ),
    File(
        "PropertyRadar: neither APN nor address",
        SHORT + b"=SFR,,DALTON,03031,,Ada King,{0},-Bo,{1}\nSFR,1 A ST,DALTON,03031,P{2.digits},Cy Ng,{2},,\n",
        kind="propertyradar",
        rows=2,
        created=1,
        errors=((1, "Address", "address_missing"),),
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        stored=Stored(contacts={2: {}}, properties={"apn:p{2.digits}": {}}, links={("apn:p{2.digits}", 2): "primary"}),
        fixed=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {"first_name": "-Bo"}, 2: {}},
            properties={"apn:p{2.digits}": {}, "address:{10.digits} main st dalton 03031": {"type": "=SFR"}},
            links={
                ("address:{10.digits} main st dalton 03031", 0): "primary",
                ("address:{10.digits} main st dalton 03031", 1): "secondary",
                ("apn:p{2.digits}", 2): "primary",
            },
        ),
    ),
    File(
        "PropertyRadar: a wrong cell of every sort",
        VALUES + b",Purchase Date,Est Value,Owner Occ?,Primary Email1,Secondary Phone1,Beds\n"
        b"SFR,1 A ST,DALTON,03031,P{0.digits},,,02/30/2019,1,1,,,2\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},,,,about 5,1,,,2\n"
        b"SFR,3 A ST,DALTON,03031,P{2.digits},,,,1,maybe,,,2\n"
        b"SFR,4 A ST,DALTON,03031,P{3.digits},Ada King,{3},,1,1,ada@,,2\n"
        b"SFR,5 A ST,DALTON,03031,P{4.digits},Ada King,n/a,,1,1,,,2\n"
        b"SFR,6 A ST,DALTON,03031,P{5.digits},Ada King,{5},,1,1,,{6.local},2\n"
        b"SFR,7 A ST,DALTON,03031,P{6.digits},,,03/05/19,1,1,,,2\n"
        b"SFR,8 A ST,DALTON,03031,P{7.digits},,," + b"1" * 31 + b",1,1,,,2\n"
        b"SFR,9 A ST,DALTON,03031,P{8.digits},,,,,,,," + b"1" * 31 + b"\n"
        b"SFR,9 A ST,DALTON,03031,P{9.digits},,,2019-03-05,,,,,2\n",
        kind="propertyradar",
        rows=10,
        created=1,
        errors=(
            (1, "Purchase Date", "date_invalid"),
            (2, "Est Value", "number_invalid"),
            (3, "Owner Occ?", "flag_invalid"),
            (4, "Primary Email1", "email_invalid"),
            (5, "Primary Phone1", "phone_invalid"),
            (6, "Secondary Phone1", "phone_no_area_code"),
            (7, "Purchase Date", "date_invalid"),
            (8, "Purchase Date", "date_invalid"),
            (9, "Beds", "number_invalid"),
        ),
        counts={"properties": (1, 0, 0)},
        stored=Stored(properties={"apn:p{9.digits}": {"purchase_date": "2019-03-05", "beds": 2}}),
        fixed=Stored(
            contacts={3: {"email": None}, 5: {}, 10: {"first_name": "Ada"}, 11: {}},
            properties={
                "apn:p{0.digits}": {"purchase_date": "2026-05-04", "beds": 2},
                "apn:p{1.digits}": {"estimated_value": None, "owner_occupied": True},
                "apn:p{2.digits}": {"owner_occupied": True, "estimated_value": 1},
                **{f"apn:p{{{place}.digits}}": {"beds": 2} for place in (3, 4, 5, 6, 7, 9)},
                "apn:p{8.digits}": {"beds": None},
            },
            links={
                ("apn:p{3.digits}", 3): "primary",
                ("apn:p{4.digits}", 10): "primary",
                ("apn:p{5.digits}", 5): "primary",
                ("apn:p{5.digits}", 11): "secondary",
            },
        ),
    ),
    File(
        "PropertyRadar: numbers, dates and flags as people write them",
        VALUES + b",Est Value,Est Equity $,Est Equity %,Owner Occ?,Foreclosure?,High Equity?,Purchase Date\n"
        b'SFR,1 A ST,DALTON,03031,P{0.digits},,,"$1,250,000.50","($5,000)",-50%,YES,n,TRUE,3/5/2019\n'
        b"SFR,2 A ST,DALTON,03031,P{1.digits},,,0012,-$5,.5,1.0,0,f,2019-03-05 00:00:00\n",
        kind="propertyradar",
        rows=2,
        created=2,
        counts={"properties": (2, 0, 0)},
        stored=Stored(
            properties={
                "apn:p{0.digits}": {
                    **{"estimated_value": 1250000.5, "estimated_equity": -5000, "equity_percent": -50},
                    **{"owner_occupied": True, "foreclosure": False, "high_equity": True},
                    "purchase_date": "2019-03-05",
                },
                "apn:p{1.digits}": {
                    **{"estimated_value": 12, "estimated_equity": -5, "equity_percent": 0.5},
                    **{"owner_occupied": True, "foreclosure": False, "high_equity": False},
                    "purchase_date": "2019-03-05",
                },
            }
        ),
    ),
    File(
        "PropertyRadar: columns that no one knows",
        VALUES + b",Tax Year,=Rank\nSFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},2025,-1\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},Bo King,none,2026,+2\n",
        kind="propertyradar",
        rows=2,
        created=1,
        errors=((2, "Primary Phone1", "phone_invalid"),),
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        unknown=("Tax Year", "=Rank"),
        stored=Stored(
            contacts={0: {"extra": {}}},
            properties={"apn:p{0.digits}": {"extra": {"Tax Year": "2025", "=Rank": "-1"}}},
            links={("apn:p{0.digits}", 0): "primary"},
        ),
        fixed=Stored(
            contacts={0: {}, 10: {"extra": {}}},
            properties={"apn:p{0.digits}": {}, "apn:p{1.digits}": {"extra": {"Tax Year": "2026", "=Rank": "+2"}}},
            links={("apn:p{0.digits}", 0): "primary", ("apn:p{1.digits}", 10): "primary"},
        ),
    ),
    File(
        "PropertyRadar: an export again, some of it changed, a cell that clears",
        VALUES + b",Owner,Purchase Date\nSFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},KING,2019-03-05\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},Bo King,{1},,\n"
        b"MFR,3 A ST,DALTON,03031,P{2.digits},Cy Ng,{2},[clear],[clear]\n",
        kind="propertyradar",
        before=VALUES + b",Owner,Purchase Date\nSFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},KING,2019-03-05\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},,,BO,2018-01-01\n"
        b"SFR,3 A ST,DALTON,03031,P{2.digits},Cy Ng,{2},NG,2017-01-01\n",
        rows=3,
        updated=1,
        unchanged=2,
        counts={"contacts": (1, 0, 2), "properties": (0, 1, 2), "links": (1, 0, 2)},
        stored=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}, 2: {"first_name": "Cy"}},
            properties={
                "apn:p{0.digits}": {"owner": "KING"},
                "apn:p{1.digits}": {"owner": "BO", "purchase_date": "2018-01-01"},
                "apn:p{2.digits}": {"type": "MFR", "owner": None, "purchase_date": None},
            },
            links={
                ("apn:p{0.digits}", 0): "primary",
                ("apn:p{1.digits}", 1): "primary",
                ("apn:p{2.digits}", 2): "primary",
            },
        ),
    ),
    File(
        "PropertyRadar: exports put together, each with its licence line",
        SHORT
        + (b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},,\n" + LICENCE + b"\n")
        + SHORT
        + (b"SFR,2 A ST,DALTON,03031,P{1.digits},Bo King,none,,\n" + LICENCE + b"\n"),
        kind="propertyradar",
        rows=4,
        created=1,
        errors=((2, "", "ragged_row"), (3, "", "header_repeated"), (4, "Primary Mobile Phone1", "phone_invalid")),
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        trailer=LICENCE.decode(),
        stored=Stored(contacts={0: {}}, properties={"apn:p{0.digits}": {}}, links={("apn:p{0.digits}", 0): "primary"}),
        fixed=Stored(
            contacts={0: {}, 10: {"first_name": "Bo"}},
            properties={"apn:p{0.digits}": {}, "apn:p{1.digits}": {}},
            links={("apn:p{0.digits}", 0): "primary", ("apn:p{1.digits}", 10): "primary"},
        ),
    ),
    File(
        "PropertyRadar: a row that was cut off is no licence line",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},,\nSFR",
        kind="propertyradar",
        rows=2,
        created=1,
        errors=((2, "", "ragged_row"),),
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        stored=Stored(contacts={0: {}}, properties={"apn:p{0.digits}": {}}, links={("apn:p{0.digits}", 0): "primary"}),
        fixed=Stored(
            contacts={0: {}},
            properties={"apn:p{0.digits}": {}, "address:{10.digits} main st": {"type": "SFR"}},
            links={("apn:p{0.digits}", 0): "primary"},
        ),
        rounds=2,
    ),
    File(
        "PropertyRadar: one owner of sixty houses",
        SHORT
        + b"".join(
            b"SFR,%d A ST,DALTON,03031,P{0.digits}-%d,Ada King,{0},Bo King,{1}\n" % (house, house)
            for house in range(60)
        )
        + LICENCE,
        kind="propertyradar",
        rows=60,
        created=60,
        counts={"contacts": (2, 0, 0), "properties": (60, 0, 0), "links": (120, 0, 0)},
        trailer=LICENCE.decode(),
        stored=Stored(
            contacts={0: {"first_name": "Ada"}, 1: {"first_name": "Bo"}},
            properties={f"apn:p{{0.digits}}-{house}": {"address": f"{house} A ST"} for house in range(60)},
            links={
                (f"apn:p{{0.digits}}-{house}", place): ("primary", "secondary")[place]
                for house in range(60)
                for place in range(2)
            },
        ),
    ),
    File(
        "PropertyRadar, skip: a known property and a new one of the same owner",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},New Name,{0},Bo King,{1}\n"
        b"SFR,2 A ST,DALTON,03031,P{1.digits},New Name,{0},,\nMFR,2 A ST,DALTON,03031,p{1.digits},Cy Ng,{2},,\n",
        kind="propertyradar",
        form={"on_duplicate": "skip"},
        before=SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},,\n",
        rows=3,
        created=1,
        duplicate=1,
        skipped=1,
        counts={"contacts": (0, 0, 1), "properties": (1, 0, 0), "links": (1, 0, 0)},
        stored=Stored(
            contacts={0: {"first_name": "Ada"}},
            properties={"apn:p{0.digits}": {}, "apn:p{1.digits}": {"type": "SFR"}},
            links={("apn:p{0.digits}", 0): "primary", ("apn:p{1.digits}", 0): "primary"},
        ),
    ),
    File(
        "PropertyRadar, fail: a property twice",
        SHORT
        + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},,\nSFR,1 A ST,DALTON,03031,p{0.digits},Bo King,{1},,\n",
        kind="propertyradar",
        form={"on_duplicate": "fail"},
        rows=2,
        duplicate_at=2,
    ),
    File(
        "PropertyRadar: a dry run",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits},Ada King,{0},Bo King,{1}\nSFR,,,,,,,,\n" + LICENCE,
        kind="propertyradar",
        form={"dry_run": "true"},
        rows=2,
        created=1,
        errors=((2, "Address", "address_missing"),),
        counts={"contacts": (2, 0, 0), "properties": (1, 0, 0), "links": (2, 0, 0)},
        trailer=LICENCE.decode(),
        fixed=Stored(),
    ),
    File(
        "PropertyRadar: an APN too long to be found by",
        SHORT + b"SFR,1 A ST,DALTON,03031,P{0.digits}" + b"x" * 600 + b",Ada King,{0},,\n"
        b"SFR,{1.digits} A ST" + b"y" * 600 + b",DALTON,03031,,Bo King,{1},,\n"
        b"SFR,1 A ST,DALTON,03031,P{2.digits},Cy Ng,{2},,\n",
        kind="propertyradar",
        rows=3,
        created=1,
        errors=((1, "APN", "cell_too_long"), (2, "Address", "cell_too_long")),
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        stored=Stored(contacts={2: {}}, properties={"apn:p{2.digits}": {}}, links={("apn:p{2.digits}", 2): "primary"}),
        fixed=Stored(
            contacts={0: {}, 1: {}, 2: {}},
            properties={
                "apn:p{0.digits}" + "x" * 289: {},
                "address:{1.digits} a st" + "y" * 285 + " dalton 03031": {},
                "apn:p{2.digits}": {},
            },
            links={
                ("apn:p{0.digits}" + "x" * 289, 0): "primary",
                ("address:{1.digits} a st" + "y" * 285 + " dalton 03031", 1): "primary",
                ("apn:p{2.digits}", 2): "primary",
            },
        ),
    ),
    File(
        "PropertyRadar: semicolons, Windows-1252, the licence line too",
        REQUIRED.replace(b",", b";") + b"SFR;{0.digits} Oak St;Ca\xf1on;03031;Zo\xeb King;{0.dots}\r\n"
        b"SFR;{1.digits} Oak St;Ca\xf1on;03031;Jos\xe9 Ng;n/a\r\n\xa9 Not for resale",
        kind="propertyradar",
        rows=2,
        created=1,
        errors=((2, "Primary Phone1", "phone_invalid"),),
        encoding="windows-1252",
        delimiter="semicolon",
        counts={"contacts": (1, 0, 0), "properties": (1, 0, 0), "links": (1, 0, 0)},
        trailer="\u00a9 Not for resale",
        stored=Stored(
            contacts={0: {"first_name": "Zoë"}},
            properties={"address:{0.digits} oak st cañon 03031": {"city": "Cañon"}},
            links={("address:{0.digits} oak st cañon 03031", 0): "primary"},
        ),
        fixed=Stored(
            contacts={0: {}, 10: {"first_name": "José"}},
            properties={
                "address:{0.digits} oak st cañon 03031": {},
                "address:{1.digits} oak st cañon 03031": {"city": "Cañon"},
            },
            links={
                ("address:{0.digits} oak st cañon 03031", 0): "primary",
                ("address:{1.digits} oak st cañon 03031", 10): "primary",
            },
        ),
    ),
)
