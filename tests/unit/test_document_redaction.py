"""Redaction of documents: nothing is left in the text as read either, and the removals still replay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saaf.cleaning.quality.document_redaction import redact_document
from saaf.cleaning.quality.personal_data import DEFAULT_KINDS, find_personal_data
from saaf.cleaning.quality.redaction import replay
from saaf.cleaning.readers.plain import document_from_text
from saaf.cleaning.text.urls import document_id
from saaf.cleaning.types import CleanDocument, Removal

# A sentence with a phone number, and what stands there when it is redacted.
PHONES = {
    "hi": ("संपर्क के लिए +91 98765 43210 पर फ़ोन करें।", "+91 00000 00000"),
    "hi, own digits": ("फोन ९८७६५ ४३२१० पर बात करें।", "००००० ०००००"),
    "ur": ("رابطے کے لیے +92 300 1234567 پر فون کریں۔", "+92 000 0000000"),
    "ar": ("للتواصل اتصلوا على +20 10 1234 5678 صباحا.", "+20 00 0000 0000"),
    "am": ("ለበለጠ መረጃ +251 91 123 4567 ይደውሉ።", "+251 00 000 0000"),
    "th": ("สอบถามเพิ่มเติมโทร +66 81 234 5678 ได้ทุกวัน", "+66 00 000 0000"),
}


def document(text: str, *removed: str, url: str | None = None) -> CleanDocument:
    """Return a document of a text from which the parts `removed` were taken out."""
    starts = [text.index(part) for part in removed]
    removals = tuple(
        Removal(start=start, end=start + len(part), rule="test", score=0.5)
        for start, part in zip(starts, removed, strict=True)
    )
    return CleanDocument(document=document_from_text(text, url=url), removals=removals)


def redacted(clean: CleanDocument, kinds: tuple[str, ...] = DEFAULT_KINDS) -> CleanDocument:
    found = redact_document(clean, find_personal_data(clean.text), kinds)
    assert found.clean.text == replay(clean.text, found.replacements)
    assert [one.rule for one in found.clean.removals] == [one.rule for one in clean.removals]
    return found.clean


@pytest.mark.parametrize("case", PHONES)
def test_numbers_are_replaced_in_the_kept_and_in_the_removed_text(case: str) -> None:
    sentence, expected = PHONES[case]
    footer = f"\n© desk@news.in {sentence}"
    clean = redacted(document(f"{sentence}\nx{footer}", footer))
    assert clean.text.endswith("\nx")
    assert expected in clean.text
    assert clean.document.text.count(expected) == 2
    assert clean.document.text[clean.removals[0].start : clean.removals[0].end].startswith("\n© email@example.com")
    assert find_personal_data(clean.document.text) == ()


def test_only_the_named_kinds_are_replaced() -> None:
    clean = redacted(document("लिखें: ravi@lokpatra.in या +91 98765 43210।"), ("email",))
    assert clean.text == "लिखें: email@example.com या +91 98765 43210।"


def test_a_number_whose_label_was_removed_is_replaced() -> None:
    clean = document("दफ़्तर\nफोन 24567891\nशाम तक", "फोन ")
    assert find_personal_data(clean.text) == ()  # nothing says that it is a phone number
    found = redacted(clean)
    assert found.text == "दफ़्तर\n00000000\nशाम तक"
    assert found.document.text == "दफ़्तर\nफोन 00000000\nशाम तक"


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("लिखें ravi.k@lokpatra.co.in पर", "patra"),  # inside an address
        ("लिखें ravi.k@lok[विज्ञापन]patra.co.in पर", "[विज्ञापन]"),  # between two parts of what is one when it is gone
        ("लिखें ravi.k@lokpatra.co.in पर", "लिखें ravi.k"),  # its beginning, with what stands before
    ],
)
def test_what_a_removal_parts_is_replaced_on_both_sides(text: str, removed: str) -> None:
    clean = redacted(document(text, removed))
    for part in ("ravi", "lokpatra", "patra.co"):
        assert part not in clean.document.text
        assert part not in clean.text


def test_metadata_is_redacted_and_urls_stay() -> None:
    clean = document("पाठ", url="https://a.example/call-98765")
    metadata = replace(
        clean.document.metadata,
        title="कॉल करें +91 98765 43210",
        author="ravi@lokpatra.in",
        tags=("خبریں", "+92 300 1234567"),
        canonical_url="https://a.example/",
    )
    made = redacted(replace(clean, document=replace(clean.document, metadata=metadata))).document
    assert (made.metadata.title, made.metadata.author) == ("कॉल करें +91 00000 00000", "email@example.com")
    assert made.metadata.tags == ("خبریں", "+92 000 0000000")
    assert (made.url, made.metadata.canonical_url) == ("https://a.example/call-98765", "https://a.example/")
    assert made.id == clean.document.id


def test_the_id_of_a_text_without_url_tells_nothing_of_what_was_replaced() -> None:
    one, other = (redacted(document(f"फोन +91 98765 4321{digit}")) for digit in "01")
    assert one.document.id == other.document.id == document_id(None, "फोन +91 00000 00000")


def test_a_document_without_personal_data_stays_as_it_is() -> None:
    clean = document("በአዲስ አበባ ዝናብ ጣለ።\nተጨማሪ ያንብቡ", "\nተጨማሪ ያንብቡ")
    made = redacted(clean)
    assert (made.document.text, made.removals, made.document.id) == (
        clean.document.text,
        clean.removals,
        clean.document.id,
    )
