"""Redaction of any text: spans are sorted and disjoint, the list of replacements replays it, and nothing is left."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning.quality.document_redaction import redact_document
from saaf.cleaning.quality.personal_data import DEFAULT_KINDS, KINDS, find_personal_data
from saaf.cleaning.quality.redaction import redact, replacements, replay
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.types import CleanDocument, Removal

EMPTY = document_from_text("")

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


@given(st.lists(PIECES | st.text(max_size=3), max_size=10).map("".join), st.lists(st.integers(0, 200), max_size=6))
def test_removals_replay_in_a_redacted_document(text: str, cuts: list[int]) -> None:
    edges = sorted({min(cut, len(text)) for cut in cuts})
    removals = tuple(
        Removal(start=start, end=end, rule="test") for start, end in zip(edges[::2], edges[1::2], strict=False)
    )
    clean = CleanDocument(document=replace(EMPTY, text=text), removals=removals)
    made = redact_document(clean, find_personal_data(clean.text), tuple(DEFAULT_KINDS))
    assert made.clean.text == replay(clean.text, made.replacements)
    assert len(made.clean.removals) == len(removals)
    parts = [(0, 0), *((one.start, one.end) for one in made.clean.removals)]
    assert all(one[1] <= other[0] < other[1] for one, other in pairwise(parts))
