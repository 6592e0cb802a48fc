import requests
from importing import App, csv_of, numbers, together


def test_a_name_as_long_as_allowed_in_a_corrected_file_is_no_import_that_nobody_can_read(offline):
    [phone] = numbers(1)
    header = ["error_row", "error_column", "phone", "x" * 1000]
    done = offline.upload(csv_of([["1", "phone", phone, "y"]], header))
    assert (done.status_code, done.json()["created"]) == (200, 1)
    assert offline.get("/api/imports").status_code == 200
    assert offline.get(f"/api/imports/{done.json()['id']}/errors.csv").status_code == 200


def test_a_first_line_of_spaces_is_answered_at_once(offline):
    answer = offline.upload(b" " * 60_000 + b"\nphone\n+14045550100\n", timeout=20)
    assert answer.status_code == 400


def test_thousands_of_columns_of_one_name_are_kept_apart_and_listed_in_part(offline):
    [phone] = numbers(1)
    done = offline.upload(csv_of([[phone, *["y"] * 6000]], ["phone", *["x"] * 6000]), timeout=30).json()
    assert len(done["unknown_columns"]) == 200
    [(extra,)] = offline.sql("SELECT extra FROM contacts WHERE phone = %s", (phone,))
    assert (len(extra), extra["x (6000)"]) == (6000, "y")


def test_a_marker_within_a_name_is_a_part_of_the_name(offline):
    [phone] = numbers(1)
    offline.upload(csv_of([[phone, "Ada Lovelace"]], ["phone", "name"]))
    offline.upload(csv_of([[phone, "Bob [clear]"]], ["phone", "name"]))
    stored = offline.sql("SELECT first_name, last_name FROM contacts WHERE phone = %s", (phone,))
    assert stored == [("Bob [clear]", "Lovelace")]


def test_two_imports_of_the_same_people_of_which_one_clears_do_not_lock_each_other_out(make_trial, stack):
    app = App(stack, make_trial({"OPENPHONE_SYNC": "off", "GUNICORN_WORKERS": "3"}))
    phones = numbers(3000)
    app.upload(csv_of([[phone, "a@example.com"] for phone in phones], ["phone", "email"]))
    for turn in range(3):
        clears = csv_of(
            [[phone, "[clear]" if place >= 1500 else f"b{turn}@example.com"] for place, phone in enumerate(phones)],
            ["phone", "email"],
        )
        plain = csv_of([[phone, f"c{turn}@example.com"] for phone in phones], ["phone", "email"])
        answers = together(
            lambda data=clears: app.upload(data, list="one"), lambda data=plain: app.upload(data, list="two")
        )
        assert [answer.status_code for answer in answers] == [requests.codes.ok] * 2, [a.text[:300] for a in answers]


def test_a_file_of_which_every_row_repeats_another_is_sifted_once_and_not_row_by_row(offline):
    phones = numbers(4000)
    rows = [[phone, "Ada"] for phone in phones]
    done = offline.upload(csv_of([*rows, *rows]), timeout=60, on_duplicate="skip").json()
    assert (done["created"], done["rows_duplicate"], done["skipped"]) == (4000, 4000, 0)
