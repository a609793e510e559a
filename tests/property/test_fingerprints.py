"""What tells a line apart at once agrees with what tells it apart at length."""

from hypothesis import given
from hypothesis import strategies as st

from saaf.cleaning.site.fingerprints import beginning, fingerprint, first_word

_WORDS = [
    "Read",
    "more:",
    "नवंबर",
    "12",
    "مارس،",
    "٢٠٢٤",
    "|",
    "May",
    "3rd,",
    "über-Straße",
    "«Цитата»",
    "北京",
    "²",
    "–",
    "ﬁne",
]
LINES = st.lists(st.sampled_from(_WORDS) | st.text(max_size=9), max_size=40).map(" ".join)


@given(LINES)
def test_the_first_word_of_a_line_is_that_of_its_fingerprint_and_of_its_beginning(line: str) -> None:
    if (word := first_word(line)) is not None:
        assert fingerprint(line).split(" ")[0] == word
        assert beginning(line).split(" ")[0] in ("", word)


def test_most_long_lines_tell_their_first_word() -> None:
    assert first_word("“Die Brücke ist nach zwei Jahren wieder offen”, sagte der Bürgermeister.") == "die"
    assert first_word("पुल दो साल की मरम्मत के बाद शुक्रवार को खोल दिया गया।") == "पुल"
    assert first_word("May 12: the bridge opens") is None
    assert first_word("市中心的老桥经过两年的维修，于星期五上午重新开放通车") is None
