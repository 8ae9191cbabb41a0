"""What was posted arrives so many days later; a show begins after the doors open; so many days are left to pay."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import replace
from synthesis.made_scenes import english, line, scene, writer

from dcvlr.memo import Memo
from dcvlr.records import Qa, Scene
from dcvlr.validation.checks.proof import Proof

MEMO = Memo(Path("unused"))
PROOF = Proof(wording=english())
PARCEL = scene(line("SWIFT PARCEL", 40, 20), line("Posted: 2024-09-12", 40, 120))
LABELS = (("DATE", 60), ("DOORS", 270), ("ROW", 420), ("SEAT", 540))
VALUES = (("2024-06-13", 60), ("17:15", 270), ("H", 420), ("5", 540))


def ticket(doors: str = "DOORS") -> Scene:
    """The stub stands beside the labels and values, and does not fit their rows."""
    labels = [line(text.replace("DOORS", doors), x, 206, height=20) for text, x in LABELS]
    values = [line(text, x, 234, height=32) for text, x in VALUES]
    stub = [line("2", 768, 190, height=70), line("Admit one", 740, 252)]
    return scene(line("Spring Concert", 60, 66, height=44), *labels, *values, *stub)


def asked(of: Scene, kind: str) -> list[Qa]:
    made = [qa for seed in range(10) for one in writer(seed=seed)([of], MEMO) for qa in one.qas]
    found = [one for one in made if one.generator == f"computed/{kind}"]
    assert all(finding.passed for finding in PROOF(found, MEMO))
    return found


def test_what_was_posted_arrives_some_days_later() -> None:
    weekday = {2: "Saturday", 3: "Sunday", 4: "Monday", 5: "Tuesday", 6: "Wednesday"}
    for kind, of in (("sent_date", "2024-09-{}"), ("sent_weekday", "")):
        found = asked(PARCEL, kind)
        assert found
        for one in found:
            (days,) = map(int, re.findall(r"plus_days\(.*?, (\d+)\)", one.program or ""))
            assert one.answer == (of.format(12 + days) or weekday[days])


def test_it_is_in_time_before_a_later_day() -> None:
    found = asked(PARCEL, "sent_in_time")
    assert {one.answer for one in found} == {"yes", "no"}
    for one in found:
        needed, days = re.findall(r"2024-\d\d-(\d\d)\", plus_days\(.*?, (\d)\)", str(one.program))[0]
        assert (one.answer == "yes") == (int(needed) > 12 + int(days))


def test_only_what_was_posted_is_delivered() -> None:
    for title, label in (("SWIFT PARCEL", "Printed"), ("Letter from the editor", "Posted")):
        other = scene(line(title, 40, 20), line(f"{label}: 2024-09-12", 40, 120))
        assert asked(other, "sent_date") == []
    (one, *_) = asked(PARCEL, "sent_weekday")
    evidence = tuple(replace(each, text=each.text.replace("Posted", "Printed")) for each in one.evidence)
    assert not PROOF([replace(one, evidence=evidence)], MEMO)[0].passed


def test_a_show_is_over_after_the_doors_have_opened() -> None:
    found = asked(ticket(), "doors_over")
    assert found
    for one in found:
        begins, lasts = (int(number) for number in re.findall(r"(\d+)\)", str(one.program))[-2:])
        hour, minute = map(int, one.answer.split(":"))
        assert 60 * hour + minute == 17 * 60 + 15 + begins + lasts
        assert one.operations == ("select", "plus_minutes", "plus_minutes")


def test_who_is_early_waits_for_the_doors_and_for_nothing_else() -> None:
    found = asked(ticket(), "doors_wait")
    assert found
    for one in found:
        ((hour, minute),) = re.findall(r'"(\d+):(\d+)"', str(one.program))
        assert int(one.answer) == 17 * 60 + 15 - 60 * int(hour) - int(minute)
    assert asked(ticket("STARTS"), "doors_wait") == []


def test_it_is_asked_how_many_days_are_left_to_pay() -> None:
    rows = (("Date:", "2024-11-10"), ("Net", "694.00"), ("VAT 20%", "138.80"), ("Total due", "832.80"))
    cells = [line(text, 48 + 400 * n, 100 + 60 * row) for row, pair in enumerate(rows) for n, text in enumerate(pair)]
    bill = scene(line("INVOICE", 48, 20), *cells, line("Payment due within 14 days", 48, 400))
    found = asked(bill, "days_to_pay")
    assert found
    for one in found:
        (day,) = re.findall(r"2024-11-(\d\d)", one.question)
        assert int(one.answer) == 24 - int(day)


def test_nothing_is_supposed_of_what_the_page_may_say() -> None:
    posted, came = line("Posted: 2024-09-12", 40, 120), line("Delivered: 2024-09-17", 40, 180)
    arrived = scene(line("SWIFT PARCEL", 40, 20), posted, came)
    assert [asked(arrived, kind) for kind in ("sent_date", "sent_weekday", "sent_in_time")] == [[], [], []]
    ends = scene(line("Spring Concert", 40, 20), line("Doors: 17:15", 40, 120), line("Ends: 21:40", 40, 180))
    assert asked(ends, "doors_over") == []
    assert asked(ends, "doors_wait")


def test_on_which_day_or_weekday_it_arrives_is_one_question() -> None:
    for seed in range(10):
        (questions,) = writer(seed=seed)([PARCEL], MEMO)
        kinds = {one.generator for one in questions.qas}
        assert len(kinds & {"computed/sent_date", "computed/sent_weekday"}) == 1
