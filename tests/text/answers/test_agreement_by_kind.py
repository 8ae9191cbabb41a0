"""Pairs of answers of every kind that people write in several ways; each is held against the other both ways."""

from __future__ import annotations

import pytest

from dcvlr.text.answers import agree, asks_for_estimate

SAME = {
    "unit": """12 cm|12cm;1.2 m|120 centimetres;1 hour 30 minutes|90 min;1 h 30 m|1.5 hours
        3 minutes and 20 seconds|200 s
        5 ft 10 in|70 inches;5'10"|5 feet 10 inches;60 mph|60 miles per hour;20 m2|20 square meters;32 °F|0 °C
        20 degrees|20 °C;5 lbs|5 pounds;16 oz|1 lb;500 ml|0.5 L;2 weeks|14 days;half an hour|30 minutes
        an hour and a half|90 minutes;a quarter of an hour|15 min;two and a half hours|150 minutes""",
    "share": """45 percent|0.45;12.5%|0.125;one half|50%;two thirds|2/3;1 in 4|25%;one out of four|1/4;66.67%|2/3""",
    "number": """12k|12,000;1.2 billion|1,200 million;1.234,56|1,234.56;9.10|9.1;33.33|33.3333;minus 5|-5;(12.50)|-12.50
        -$5.00|($5.00);three point five|3.5;half a dozen|6;2 and a half|2.5;2.5 x 10^-3|0.0025;#5|5;twice|twice""",
    "order": """first|1st;21st|twenty-first;the second|2nd;3rd|third""",
    "range": """10 to 20|10–20;between 10 and 20|10-20;$10-$20|$10 to $20;10-20 cm|10 cm to 20 cm;9am-5pm|9:00 to 17:00
        Monday to Friday|Monday-Friday;3:1|3 to 1;2001-2005|from 2001 to 2005""",
    "date": """25/03/18|25 March 2018;25/03/2018|25/03/18;Sun, Mar 25, 2018|2018-03-25;25 March 2018 (Sunday)|25 MAR 18
        03/2018|March 2018;March 25|25th March;3/4/2018|03/04/2018;2018-03-25 15:45|25/03/2018 3:45 PM
        03/04/2018|April 3, 2018;Mar|March;Sept.|September;03/04/2018|4 March 2018;in 2018|2018""",
    "time": """3 PM|15:00;quarter past three|3:15;quarter to ten|9:45;half past nine|9:30 PM;nine o'clock|9:00
        noon|12:00
        8:05 in the morning|08:05;15:45:00|15:45;9:30|9:30 AM;midnight|0:00""",
    "money": """US$12.50|$12.50;50¢|$0.50;5 dollars and 50 cents|$5.50;€5,50|5.50 EUR;₹1,00,000|100000 rupees
        £5|5 pounds
        $2.5M|2.5 million dollars""",
    "yes or no": """Yes it does|yes;yes, there are|Yes;No there isn't|No;No - it is red|no;No. It is red.|no
        Yeah|yes;No, it can't|No, it cannot""",
    "position": """on the left|left;to the left of the door|left of the door;on the right-hand side|right;at the top|top
        in the kitchen|kitchen""",
    "sentence": """It is a dog.|dog;There are three dogs.|3;The total amount is $12.50.|12.50;The animal is a dog|a dog
        Answer: 5|5;It's red|red""",
    "spelling": """grey|gray;dark grey shirt|dark gray shirt;colour|color;city centre|city center
        organisation|organization
        traveller|traveler;T-shirt|tshirt;ice-cream|ice cream;e-mail|email;U.S.A.|United States;St. Louis|St Louis
        résumé|resume;INV00123|INV-00123;AB 12|AB-12;TV|television;blue in colour|blue;women|woman;people|person""",
    "seen of late": """45% of the people|45%;5 degrees below zero|-5 degrees;$(5.00)|-$5.00;1:30:15|1 h 30 min 15 s
        05.01.20|5 January 2020;5 (five)|5;18+|18 and over;65 or older|65 and above;nil|0;a couple|2
        IV|4;XII|12;3:4|3/4;It is not|no;it does|yes;increase|increased;declining|decline;A-12|A12;東京。|東京
        the year 1999|1999;2020 Q3|Q3 2020;first half of 2020|H1 2020;two and three quarters|2.75;N/A|not applicable
        5-year-old|5 years old;anticlockwise|counter-clockwise""",
    "list": """both cats and dogs|dogs & cats;apples, pears, and plums|plums, apples, pears;1, 2 and 3|3, 2, 1""",
    "pair": """a pair of dogs|2 dogs""",
    "LaTeX": r"""\frac{1}{2}|0.5;50\%|50%;\sqrt{16}|4;$3 \times 10^8$|300000000;90^{\circ}|90°
        √12.25|3.5;C_6H_{12}O_6|C6H12O6""",
}
OTHER = {
    "unit": """12 m|12 cm;5 km|5 miles;2 h 30 min|2.3 hours;2 hours 30 minutes|130 minutes;20 °C|20 °F;5 m|5 million""",
    "symbol": """5 H|5 h;3D|3 days;2 D|2 days;R2|2;R5|R5.00""",
    "share": """45%|0.45%;3/4|4/3;3 out of 4|3;1 in 4|4""",
    "number": """694.00|694.50;200|201;$1,299.00|$1,290.00;99|100;13|13.10;12.50|12.55;12.50|12.503;3.1|3.14
        12,345|12.345
        00123|123;0123|123;007|7;(5.00)|5.00;both|2;fifteen|50;1 23|12 3;12-34|1234""",
    "estimate": """at least 5|5;more than 5|5;up to 5|5;5+|5;>5|5;nearly 5|5;about 5|about 6""",
    "order": """third|3;1st|1;first|second""",
    "range": """10-20|10-21;10-20|20;10-20|15;10-20|-10;2001-2005|2001;3 to 1|1 to 3;Monday to Friday|Monday to Saturday
        10:20|10-20;10 by 20|1:2""",
    "date": """25 March 2018|March 2018;2018|2018-03;03/04/2018|April 5, 2018;25/03/18|25/03/19;03/04/2020|04/03/2020
        Sunday, 25 March 2018|Monday, 25 March 2018;2018-03-25 15:45|25/03/2018 3:45 AM""",
    "time": """3:45 PM|3:45 AM;15:45|3:45 AM;15:45:00|15:45:30;quarter past three|2:45;10:20|10.20""",
    "money": """$5|£5;$5|A$5;50 cents|$50;5 dollars|5 cents;$5 million|$5 billion""",
    "yes or no": """No entry|no;no smoking|no;no one|no;Yes it does|No;Yes, 5|Yes, 6""",
    "position": """on the left|on the right;on the table|under the table;in the box|on the box""",
    "sentence": """the dog is red|the cat is red;It is not a dog|dog;It isn't red|red
        Everything but the dog is red|red;She is becoming a nurse|a nurse;The sign is forbidding cars|cars""",
    "label": """Row 3|3 rows;Page 5|5 pages;user_1|user1;my_file.txt|myfile.txt""",
    "seen of late": """45% of men|45% of women;5 below zero|5;18 and over|18;18 and over|under 18;5 (six)|5;IV|6;V|5
        3:40|3/40;10:30|10/30;05.01.20|6 January 2020;1.2.3|1 February 2003;It is|no;increase|decrease;A-12|B-12
        Henry V|Henry 5;II|11;2020 Q3|2020 Q4;two and three quarters|2.5;clockwise|anticlockwise;N/A|0
        2 by 3|2/3""",
    "pair": """a pair of jeans|2 jeans;a pair of black sunglasses|2 black sunglasses""",
    "text": """T3|T8;INV-00123|INV-123;AB-12|AB-21;blue shirt|blue;Georgia|George;US|us and them;cat or dog|cat and dog
        not given|cannot be determined;N/A|0;none|0;white|off-white;x-1|x1""",
}


def pairs(kinds: dict[str, str]) -> list[tuple[str, str]]:
    written = [pair.strip() for lines in kinds.values() for line in lines.splitlines() for pair in line.split(";")]
    return [(one, other) for one, _, other in (pair.partition("|") for pair in written)]


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_what_people_write_in_several_ways_agrees(one: str, other: str) -> None:
    assert agree(one, other, None, tolerance=0.05)
    assert agree(other, one, None, tolerance=0.05)


def test_marks_that_came_as_html_are_themselves() -> None:
    assert agree("AT&amp;T", "AT&T", None, tolerance=0.0)
    assert agree("the &quot;old&#39;s&quot; sign", 'the "old\'s" sign', None, tolerance=0.0)
    assert not agree("&lt;5", "5", None, tolerance=0.0)


@pytest.mark.parametrize(("one", "other"), pairs(OTHER))
def test_what_only_looks_alike_does_not_agree(one: str, other: str) -> None:
    assert not agree(one, other, None, tolerance=0.01)
    assert not agree(other, one, None, tolerance=0.01)


COLOURS = ("red", "blue", "green", "black")


@pytest.mark.parametrize(
    "answer",
    [
        *("The answer is blue.", "blue shirt", "The shirt is blue.", "I think it is blue", "It is blue", "blue one"),
        *("the second one", "2nd", "second option", "option 2", "The correct answer is B", "Answer: B", "**B**"),
    ],
)
def test_an_option_may_be_meant_by_its_words_or_its_place(answer: str) -> None:
    assert agree(answer, "blue", COLOURS, tolerance=0.0)


@pytest.mark.parametrize(
    "answer",
    ["not blue", "blue or red", "blue and red", "anything but blue", "neither", "2", "option 5", "the third one"],
)
def test_an_answer_that_weighs_options_means_none(answer: str) -> None:
    assert not agree(answer, "blue", COLOURS, tolerance=0.0)


def test_none_of_the_above_is_meant_by_none() -> None:
    options = ("1", "2", "3", "None of the above")
    assert agree("none", "None of the above", options, tolerance=0.0)
    assert agree("None of these", "D", options, tolerance=0.0)
    assert not agree("none", "3", options, tolerance=0.0)


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Approximately how many people are there?", True),
        ("About how long is the bar?", True),
        ("Estimate the height of the tower.", True),
        ("How many people are there?", False),
        ("What is the poster about?", False),
    ],
)
def test_a_question_says_when_an_estimate_is_enough(question: str, asks: bool) -> None:
    assert asks_for_estimate(question) is asks
