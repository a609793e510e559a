"""Redaction of any text: spans are sorted and disjoint, the list of replacements replays it, and nothing is left."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning.quality.personal_data import KINDS, find_personal_data
from saaf.cleaning.quality.redaction import redact, replacements, replay

PIECES = st.sampled_from(
    [
        *(
            "a@b.in",
            "ravi.k@lokpatra.co.in",
            "@",
            ".",
            "+91 98765 43210",
            "९८७६५ ४३२१०",
            "٠١٠١٢٣٤٥٦٧٨",
            "Tel: ",
            "फोन ",
            "00",
        ),
        *("44 20 7946 0958", "81.2.69.142", "10.0.0.1", "2a00:1450::200e", "::", ":", "DE89 3704 0044 0532 0130 00"),
        *(
            "GB82WEST12345698765432",
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "378282246310005",
            "-",
            " ",
            "\n",
            "/",
        ),
        *("0300-1234567", "(212) 555-0123", "06 12 34 56 78", "0", "7", "x", "क", "+", "(", ")", ",", "2024-05-17"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map(" ".join))
def test_a_redacted_text_has_nothing_left_to_find(text: str) -> None:
    assert find_personal_data(redact(text, find_personal_data(text))) == ()


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_redaction_replays_and_changes_nothing_else(text: str) -> None:
    spans = find_personal_data(text, tuple(KINDS))
    assert all(one.start < one.end <= other.start for one, other in pairwise(spans))
    public = find_personal_data(text)
    made = replacements(text, public)
    redacted = replay(text, made)
    assert redacted == redact(text, public)
    parts = [text[one.end : other.start] for one, other in pairwise(made)]
    position = 0
    for part in parts:  # what is between the spans stands in the redacted text, in order
        position = redacted.index(part, position) + len(part)
