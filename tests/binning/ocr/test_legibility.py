"""Readings that count for nothing; lines, scores and second looks are what rapidocr gave for real pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dcvlr.binning.ocr.legibility import legible
from dcvlr.records import OcrLine

PAGE = 640.0 * 390
Reading = tuple[str, float] | None


def line(text: str, score: float, width: float = 0, height: float = 40) -> OcrLine:
    """By default as wide as Latin print of that many characters."""
    right = width or 20 * len(text)
    return OcrLine(text=text, score=score, quad=((0, 0), (right, 0), (right, height), (0, height)))


def never(_: OcrLine) -> list[Reading]:
    raise AssertionError("nothing needs a second look here")


def looks(**readings: Sequence[Reading]) -> object:
    return lambda line: readings.get(line.text, [(line.text, line.score)] * 2)


def same(one: OcrLine) -> list[Reading]:
    return [(one.text, one.score), (one.text, one.score)]


def kept(lines: list[OcrLine], read_again: object, area: float = PAGE) -> list[str]:
    return [one.text for one in legible(lines, read_again, area).lines]  # type: ignore[arg-type]


def test_clean_print_needs_no_second_look() -> None:
    lines = [line("Total due: 1 540 EUR", 0.99), line("7", 0.98), line("Straße: Köln", 0.99), line("12.50", 1.0)]
    assert kept(lines, never) == ["Total due: 1 540 EUR", "7", "Straße: Köln", "12.50"]


def test_dark_squares_are_no_text() -> None:
    assert kept([line("■", 0.95), line("Bread", 0.99), line("▪ □", 0.9), line("-", 0.9)], never) == ["Bread", "-"]


def test_a_glyph_over_a_photograph_that_a_second_look_does_not_confirm_counts_for_nothing() -> None:
    goose = [line("LL", 0.61, 150, 130)]
    assert kept(goose, looks(LL=[("L", 0.21), ("LL", 0.67)])) == []
    assert kept([line("6", 0.9, 300, 200)], looks(**{"6": [("6", 0.95), None]})) == []


def test_a_number_on_a_door_is_confirmed_and_stays() -> None:
    assert kept([line("42", 0.97)], same) == ["42"]


def test_beside_a_word_short_readings_stay_without_a_look() -> None:
    assert kept([line("3", 0.7), line("EXIT", 0.98)], never) == ["3", "EXIT"]


def test_a_glyph_as_large_as_the_picture_is_none_however_sure() -> None:
    # A cup of coffee seen from above, in a picture of 600 x 400.
    assert kept([line("8", 0.9, 596, 398)], same, 600 * 400) == []


def test_coins_in_rows_make_no_page_in_an_unknown_script() -> None:
    # In a picture of 384 x 303: nothing is read, and it stays a photograph.
    coins = [line("6000e", 0.33, 365, 76), line("O", 0.37, 62, 52), line("HHHH", 0.32, 312, 71)]
    coins += [line("O", 0.89, 85, 66), line("4", 0.19, 316, 77)]
    found = legible(coins, same, 384 * 303)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 0)


def test_ornaments_along_the_edge_of_a_ticket_do_not_make_its_script_unknown() -> None:
    ticket = [line("Spring Concert", 1.0, 313, 54), line("Granton Theatre", 1.0, 215, 28), line("ADMIT", 1.0, 101, 29)]
    ticket += [line("串", score, 12, 13) for score in (0.35, 0.4, 0.72, 0.35, 0.88)]
    assert kept(ticket, never)[:3] == ["Spring Concert", "Granton Theatre", "ADMIT"]


def test_a_page_of_vietnamese_whose_letters_with_tones_were_left_out_is_not_read() -> None:
    # Read surely by a model that knows "ư" and "đ", and neither "ấ" nor "ề".
    prose = [line("Tt c mi ngưi sinh ra đu đưc t do và", 0.99), line("bình đng v nhân phm và quyn li. Mi con", 0.99)]
    prose += [line("ngưi đu đưc to hóa ban cho lý trí và", 0.99), line("lương tâm năm 1948.", 1.0)]
    found = legible(prose, same, PAGE)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 4)


def test_vietnamese_with_its_tones_is_read() -> None:
    prose = ["Tất cả mọi người sinh ra đều được tự do", "và bình đẳng về nhân phẩm", "Nước cam: 25.000"]
    assert kept([line(text, 0.99) for text in prose], never) == prose


@pytest.mark.parametrize(
    "texts",
    [
        ["Trà", "Cà phê sa đá", "Bánh mì bơ", "Tin mt", "Hóa đơn", "Ngày", "Tng cng"],
        ["Bơ", "Cơm gà", "Rau mung", "Nưc cam", "Mưa to", "Đưng mía", "Thu"],
    ],
)
def test_a_bill_in_vietnamese_of_which_letters_were_left_out_is_not_read(texts: list[str]) -> None:
    found = legible([line(text, 0.99) for text in texts], same, PAGE)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 7)


def test_prose_in_vietnamese_of_which_few_words_lack_a_vowel_is_not_read() -> None:
    prose = ["Trưng đó  gn sông Hương, nơi có nhiu vưn", "cây ăn qu. Ông tôi thưng k chuyn xưa cho"]
    prose += ["lǚ tr nghe khi tri mưa. Mùa thu năm ngoái,", "chúng tôi đi thăm Hương  Cn Thơ."]
    found = legible([line(text, 0.99) for text in prose], same, PAGE)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 4)


@pytest.mark.parametrize(
    "texts",
    [
        ["Cà phê thơm", "Lương tháng tư", "Trà hương nhài", "Bánh xu xê", "Thước kẻ", "Cơm gà"],
        ["Cà phê thơm", "Lương tháng tư", "Trà hương nhài", "Bánh xu xê", "5 kg", "Cơm gà"],  # all tones in Latin-1
        ["Ordered by Trương", "Hương & Sons", "2 kg of rice", "Please pay the full amount by the end of June"],
    ],
)
def test_vietnamese_of_which_nothing_was_left_out_is_read(texts: list[str]) -> None:
    assert kept([line(text, 0.99) for text in texts], never) == texts


def test_of_prose_in_an_unknown_script_the_stops_alone_are_no_lines() -> None:
    prose = [line(".", 0.87, 720), line(".", 0.94, 620)]  # two lines of Russian in Noto Serif
    found = legible(prose, never, PAGE)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 2)
    assert kept([line("Chapter 1 . . .", 0.97), line(".", 0.9, 720), line("•", 0.9), line(".", 0.9, 30)], never) == [
        "Chapter 1 . . .",
        "•",
        ".",
    ]


def test_prose_of_which_stops_and_years_are_read_is_of_an_unknown_script() -> None:
    # Of a page of Russian in DejaVu Serif: letters were left out, what stands between them was not.
    prose = [line(".", 0.92, 900, 28), line("019     12  ,", 0.79, 880, 28), line("2561  .     1147 .", 0.87, 905, 28)]
    prose += [line("- .", 0.95, 820, 28), line(",    .", 0.95, 700, 28)]
    found = legible(prose, same, 1000 * 210)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 5)


def test_a_lone_line_that_is_another_in_every_look_is_none() -> None:
    # "Разработка" on a slide of Russian, whose other lines came back empty; the sign of a minibus; a cairn.
    assert kept([line("Pa3a", 0.723, 260, 50)], looks(Pa3a=[("Pa3", 0.703), ("Pa", 0.794)])) == []
    assert kept([line("FRMI 75LS", 0.888)], looks(**{"FRMI 75LS": [("FRMI75LS", 0.96), ("FRMI 75LS", 0.88)]})) == [
        "FRMI 75LS"
    ]
    assert kept([line("nladeis", 0.699)], looks(nladeis=[("uladeis", 0.81), ("niadeis", 0.69)])) == []


def test_rules_and_dots_between_words_do_not_make_their_script_unknown() -> None:
    bill = [line("Tea", 0.99), line("-" * 30, 0.9, 900), line("." * 40, 0.9, 900), line("Total ..... 12.50", 0.99)]
    bill += [line("- - - - - - - -", 0.9, 700), line(". . . . . . . . .", 0.9, 350)]
    assert kept(bill, same) == [one.text for one in bill]


def test_a_russian_page_read_as_latin_is_not_read_at_all() -> None:
    # "Чек", "Чай", "Кофе", "То", "Касса" and four amounts
    page = [line("4ek", 0.949, 66, 36), line("4aé", 0.737, 68, 38), line("Koe", 1.0, 94, 41)]
    page += [line("12.50", 1.0), line("7.25", 1.0), line("T", 0.429, 99, 34), line("19.75", 1.0)]
    page += [line("Kacca", 1.0, 99, 35), line("20.00", 1.0)]
    found = legible(page, looks(Koe=[("Koce", 0.84), ("Kope", 0.9)]), PAGE)  # type: ignore[arg-type]
    assert (found.lines, found.unread) == ([], 9)


def test_a_photograph_loses_the_signs_that_nobody_can_read_and_no_others() -> None:
    """What stands on the vehicles of a carousel, in a picture of 500 x 375."""
    signs = [line("CARE", 0.74, 30, 14), line("WVRT", 0.97, 30, 14), line("NU", 0.77, 20, 14)]
    signs += [line("ZINGER", 1.0, 40, 12), line("YAMAHA", 1.0, 60, 20), line("CHEYNNE-A", 0.88, 70, 14)]
    assert kept(signs, same, 500 * 375) == ["WVRT", "ZINGER", "YAMAHA"]
    assert legible(signs, same, 500 * 75).unread == 6  # the same signs as a label of their own


def test_a_page_whose_letters_were_skipped_is_not_read() -> None:
    arabic = [line("12.05.2021", 0.97, 343, 47), line("1540", 0.92, 253, 46), line("45", 0.96, 126, 46)]
    arabic += [line("89", 0.95, 130, 46)]
    assert legible(arabic, same, PAGE).unread == 4


def test_words_of_two_scripts_that_look_alike_are_no_reading() -> None:
    greek = [line("Hμερoμηνíα: 12.05.2021", 0.935), line("Eπτωση 10 %", 0.95), line("Tuρí 320", 0.917)]
    assert legible(greek, same, PAGE).unread == 3


def test_a_poor_print_of_which_most_lines_are_sure_stays() -> None:
    receipt = [line(text, 0.97) for text in ("TAN WOON YANN", "CASH BILL", "TOTAL RM 9.00")] + [
        line("TAX INVOlCE", 0.7)
    ]
    assert len(kept(receipt, same)) == 4


def test_chinese_characters_are_as_wide_as_high() -> None:
    lines = [line("收据编号", 0.99, 160, 40), line("总计金额", 0.99, 162, 40), line("谢谢惠顾", 0.98, 165, 40)]
    assert len(kept(lines, never)) == 3
