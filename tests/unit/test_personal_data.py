"""Personal data: what is found in many scripts, what is not, and the time that hostile texts take."""

import time

import pytest

from saaf.cleaning.quality.personal_data import count_personal_data, find_personal_data
from saaf.cleaning.quality.redaction import redact, replacements, replay
from saaf.cleaning.quality.spans import Span

IBANS = ("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "PK36 SCBL 0000 0011 2345 6702", "NO93 8601 1117 947")
CARDS = ("4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "3782 822463 10005", "6011000990139424")


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find_personal_data(text)]


@pytest.mark.parametrize(
    ("kind", "text", "written"),
    [
        ("email", "Write to ravi.k@lokpatra.co.in.", "ravi.k@lokpatra.co.in"),
        ("email", "联系abc@mail.cn或电话", "abc@mail.cn"),
        ("email", "<mailto:'bob@uni-x.de'>", "bob@uni-x.de"),
        ("email", "a@b.com.", "a@b.com"),
        ("ipv4", "from 81.2.69.142:8080 today", "81.2.69.142"),
        ("ipv4", "The host was 203.0.114.7.", "203.0.114.7"),
        ("ipv6", "at 2a00:1450:4001:81b::200e.", "2a00:1450:4001:81b::200e"),
        ("phone", "फ़ोन: +91 98765 43210 पर", "+91 98765 43210"),
        ("phone", "संपर्क ९८७६५४३२१० करें", "९८७६५४३२१०"),
        ("phone", "मोबाइल नंबर 9876543210", "9876543210"),
        ("phone", "موبائل نمبر: ۰۳۰۰-۱۲۳۴۵۶۷", "۰۳۰۰-۱۲۳۴۵۶۷"),
        ("phone", "هاتف: ٠٢٢٣٤٥٦٧٨٩", "٠٢٢٣٤٥٦٧٨٩"),
        ("phone", "اتصل على ٠١٠١٢٣٤٥٦٧٨ الآن", "٠١٠١٢٣٤٥٦٧٨"),
        ("phone", "ስልክ ቁጥር +251 91 123 4567", "+251 91 123 4567"),
        ("phone", "ስልክ 0911234567", "0911234567"),
        ("phone", "โทร 02-123-4567", "02-123-4567"),
        ("phone", "电话:010-62345678", "010-62345678"),
        ("phone", "Tel. 0044 20 7946 0958", "0044 20 7946 0958"),
        ("phone", "+44 (0)20 7946 0958", "+44 (0)20 7946 0958"),
        ("phone", "Ring (212) 555-0123 now", "(212) 555-0123"),
        ("phone", "Tél. 01 02 03 04 05", "01 02 03 04 05"),
        ("phone", "au 06 12 34 56 78.", "06 12 34 56 78"),
        ("phone", "Call 0300-1234567, today", "0300-1234567"),
        *(("iban", f"IBAN {iban}, bitte", iban) for iban in IBANS),
        *(("card", f"card {card}.", card) for card in CARDS),
    ],
)
def test_personal_data_is_found_whole(kind: str, text: str, written: str) -> None:
    assert found(text) == [(kind, written)]


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-17 10:30", "17.05.2024 12:00", "१७-०५-२०२४", "٢٠٢٤/٠٥/١٧", "Phone 2024-05-17",
        "₹ 9,87,65,432", "$1234567.89", "Rs. 98765.43210", "price 1 234 567 890 EUR", "12 34 56 78 90",
        "ISBN 0-306-40615-2", "ISBN 978-3-16-148410-0", "ID 1234567890", "order 9876543210", "#9876543210",
        "https://x.org/a/9876543210?id=0300-1234567", "1700000000", "1700000000000", "5+1234567890", "GMT+05301234",
        "04 11 23 35 42", "pages 1234-5678", "the hotel 12345678",
        "4111 1111 1111 1112", "1234 5678 9012 3456", "4111111111111111x", "/4111111111111111", "0000 0000 0000 0000",
        "DE89 3704 0044 0532 0130 01", "XX89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130",
        "10.0.0.1", "192.168.1.20", "127.0.0.1", "1.2.3.4", "v10.20.30.40", "10.20.30.40.50", "81.2.69.256",
        "Version 11.0.1.2", "getTime()+2419200000", "'+1446710203+'",
        "12:30:45", "00:1a:2b:3c:4d:5e", "std::abs", "::1", "fe80::1", "2001:db8::7",
        "image@2x.png", "me@example.com", "@name", "a@b", "name@localhost", "user@@mail.com",
    ],
)  # fmt: skip
def test_what_is_no_personal_data_is_left(text: str) -> None:
    assert found(f"x {text} y") == []


@pytest.mark.parametrize(
    ("written", "is_phone"),
    [
        ("Tel. 123-4567", True), ("Tel. 123-456", False),  # seven digits after a word for it
        ("+290 12345", True), ("+290 1234", False),  # eight to fifteen after a plus sign
        ("+49 123456789012 3", True), ("+49 123456789012 34", False),
        ("+91 98765 43210", True), ("+999 98765 4321", False),  # a calling code that there is
        ("06 12 34 56 60", True), ("06 12 34 56 59", False),  # a pair that no lottery draws
        ("Tel" + " " * 4 + "9876543210", True), ("Tel" + " " * 5 + "9876543210", False),
        ("फोन 98765 43210", True), ("फोन 97765 43210 98765 43210 98765 43210 98765", False),  # at most forty characters
    ],
)  # fmt: skip
def test_thresholds_of_a_phone_number(written: str, is_phone: bool) -> None:
    assert bool(found(f"x {written} y")) is is_phone


@pytest.mark.parametrize(("written", "is_address"), [("1.2.3.9", False), ("1.2.3.10", True)])
def test_four_single_digits_are_no_address(written: str, is_address: bool) -> None:
    assert bool(found(written)) is is_address


def test_a_local_address_is_found_where_it_is_asked_for() -> None:
    text = "10.0.0.1 and 81.2.69.142 and fe80::1"
    kinds = [span.kind for span in find_personal_data(text, ("ipv4", "local_ipv4", "local_ipv6"))]
    assert kinds == ["local_ipv4", "ipv4", "local_ipv6"]
    with pytest.raises(ValueError, match="no kind of personal data"):
        find_personal_data(text, ("name",))


def test_spans_are_in_code_points_and_counted_by_kind() -> None:
    text = "😀 नमस्ते a@b.in, c@d.in और +91 98765 43210"
    spans = find_personal_data(text)
    assert [text[span.start : span.end] for span in spans] == ["a@b.in", "c@d.in", "+91 98765 43210"]
    assert count_personal_data(spans) == {"email": 2, "ipv4": 0, "ipv6": 0, "phone": 1, "iban": 0, "card": 0}


def test_redaction_keeps_the_form_and_replays() -> None:
    text = (
        "a@b.in, c@d.in, a@b.in: +91 98765 43210, फोन ९८७६५४३२१०, "
        "81.2.69.142, DE89 3704 0044 0532 0130 00; 4111-1111-1111-1111"
    )
    spans = find_personal_data(text)
    made = replacements(text, spans)
    assert (
        redact(text, spans)
        == replay(text, made)
        == (
            "email@example.com, firstname.lastname@example.org, email@example.com: +91 00000 00000, फोन ००००००००००, "
            "192.0.2.1, DE00 0000 0000 0000 0000 00; 0000-0000-0000-0000"
        )
    )
    assert [(one.start, one.end, one.kind) for one in made] == [(one.start, one.end, one.kind) for one in spans]
    assert find_personal_data(redact(text, spans)) == ()


def test_what_follows_a_card_or_a_phone_number_is_not_taken_for_a_part_of_it() -> None:
    assert found("card 4111 1111 1111 1111 12/27, or 5555 5555 5555 4444 123") == [
        ("card", "4111 1111 1111 1111"),
        ("card", "5555 5555 5555 4444"),
    ]
    assert found("0300-1234567 0301-7654321 (0302-1234567)") == [
        ("phone", "0300-1234567"),
        ("phone", "0301-7654321"),
        ("phone", "0302-1234567"),
    ]


def test_spans_that_overlap_are_refused() -> None:
    twice = [Span(start=0, end=6, kind="email"), Span(start=3, end=8, kind="email")]
    with pytest.raises(ValueError, match="overlaps"):
        redact("a@b.in and more", twice)


HOSTILE = {
    "digits": "7", "native digits": "९", "at": "@", "dots": ".", "spaces between digits": "1 ", "hyphens": "1-",
    "plus": "+1",
    "addresses without end": "a@", "colons": "1:", "labels": "a.", "zeros": "0", "capitals": "DE89", "blank": "1    ",
    "brackets": "(1)", "octets": "1.1.", "hex": "a:", "cards": "1234 ", "plus and digits": "+1234567",
}  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    size = 1_000_000  # ten times as much takes ten times as long; a quadratic search would take hours
    text = unit * (size // len(unit))
    start = time.process_time()
    find_personal_data(text)
    assert time.process_time() - start < 10
