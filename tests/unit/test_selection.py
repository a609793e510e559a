from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.types import CleanDocument, Document, Language, Metadata, Removal, Track
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary
from saaf.corpus.selection import QUALITY, filter_documents, quality, why_kept
from saaf.corpus.settings import BuildSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUMMARY = DocumentSummary(
    number=0,
    key="a.txt",
    file_path="a.txt",
    id="0" * 16,
    url="https://example.org/",
    site="example.org",
    language="hi",
    script="Deva",
    fetched_at=None,
    tokens=100,
    characters=600,
    removed=0,
    quality=(0.0, 0.0, 60.0, 2.0, -math.inf),
)
SETTINGS = BuildSettings(min_tokens=20)


def summaries(*changes: Mapping[str, object]) -> list[DocumentSummary]:
    base = [replace(SUMMARY, number=number, key=f"{number}.txt", id=f"{number:016x}") for number in range(len(changes))]
    return [replace(summary, **change) for summary, change in zip(base, changes, strict=True)]  # type: ignore[arg-type]  # of several types


def states(documents: Sequence[DocumentSummary], settings: BuildSettings = SETTINGS) -> list[State]:
    outcomes = filter_documents(documents, settings)
    return [outcomes[summary.number].state if summary.number in outcomes else State.KEPT for summary in documents]


def clean(text: str, *removals: Removal, metadata: Metadata | None = None) -> CleanDocument:
    document = Document(
        id="1",
        url=None,
        site="",
        track=Track.TEXT,
        language=Language(code="en", script="Latn", score=1.0),
        metadata=metadata or Metadata(),
        text=text,
        blocks=(),
    )
    return CleanDocument(document=document, removals=removals)


def test_of_several_captures_of_a_url_the_latest_is_taken_whatever_the_order() -> None:
    days = [datetime(2025, 3, day, tzinfo=UTC) for day in (1, 3, 2)]
    captures = summaries(*[{"id": "same", "fetched_at": day} for day in (*days, None)])
    for order in (captures, captures[::-1]):
        outcomes = filter_documents(order, SETTINGS)
        assert sorted(outcomes) == [0, 2, 3]
        assert {outcome.state for outcome in outcomes.values()} == {State.REPEATED}
        assert "1.txt is taken" in outcomes[0].reason


def test_an_empty_capture_does_not_hide_an_earlier_one_with_text() -> None:
    later = {"id": "same", "fetched_at": datetime(2025, 3, 2, tzinfo=UTC), "tokens": 0}
    assert states(summaries({"id": "same"}, later)) == [State.KEPT, State.EMPTY]


def test_the_same_text_without_url_is_taken_once() -> None:
    documents = summaries({"id": "same", "url": None}, {"id": "same", "url": None})
    assert states(documents) == [State.KEPT, State.REPEATED]
    assert "0.txt is taken" in filter_documents(documents, SETTINGS)[1].reason


@pytest.mark.parametrize(
    ("script", "tokens", "state"),
    [
        ("Arab", 19, State.TOO_SHORT),
        ("Arab", 20, State.KEPT),
        ("Hang", 20, State.KEPT),  # Korean has spaces
        ("Hans", 39, State.TOO_SHORT),
        ("Jpan", 40, State.KEPT),
        ("Thai", 39, State.TOO_SHORT),
    ],
)
def test_how_short_is_too_short_depends_on_the_script(script: str, tokens: int, state: State) -> None:
    assert states(summaries({"script": script, "tokens": tokens})) == [state]


def test_languages_are_kept_only_where_they_are_wanted() -> None:
    documents = summaries({}, {"language": "ur"}, {"language": "und"})
    assert states(documents) == [State.KEPT] * 3
    wanted = replace(SETTINGS, languages=("hi",))
    assert states(documents, wanted) == [State.KEPT, State.WRONG_LANGUAGE, State.WRONG_LANGUAGE]
    assert filter_documents(documents, wanted)[1].reason == "language ur, wanted hi"


def test_a_cleaner_copy_is_better_than_a_longer_one() -> None:
    text = "word " * 200
    clean_copy = clean(text)
    longer = clean(text + "teaser " * 50 + text[:300], Removal(start=1000, end=1350, rule="teasers"))
    assert quality(clean_copy) > quality(longer)


def test_a_page_is_better_than_a_cleaner_copy_split_off_another() -> None:
    text = "word " * 200
    split_off = clean(text)
    split_off = replace(split_off, document=replace(split_off.document, flags=("appended_to:0123456789abcdef",)))
    assert quality(clean(text + "teaser ", Removal(start=500, end=700, rule="teasers"))) > quality(split_off)


def test_menus_before_and_footers_after_count_less_than_the_text_itself() -> None:
    text = "word " * 200
    spans = [(0, 200), (201, 450), (1450, 1700), (1701, 1901)]  # two blocks each, a line break left between
    removals = [Removal(start=start, end=end, rule="menu") for start, end in spans]
    page = "menu " * 40 + "\n" + "menu " * 49 + "menu" + text + "foot " * 50 + "\n" + "foot " * 40
    assert quality(clean(page, *removals))[2:] == quality(clean(text))[2:]
    assert quality(clean(page, *removals))[0] == 0
    assert quality(clean(page, *removals)) < quality(clean(text)), "of equal texts, the one with less around it"


def test_a_cut_copy_is_worse_and_a_sentence_more_is_not_better() -> None:
    text = "word " * 1000
    assert quality(clean(text[:3000])) < quality(clean(text))
    assert quality(clean(text + "by our correspondent"))[2] == quality(clean(text))[2]


def test_of_equal_texts_the_one_that_says_more_and_then_the_earliest_is_better() -> None:
    text = "word " * 100
    bare, dated = clean(text), clean(text, metadata=Metadata(title="T", published="2024-12-14"))
    later = clean(text, metadata=Metadata(title="T", published="2024-12-15T10:00:00+03:00"))
    assert quality(bare) < quality(later) < quality(dated)


def test_why_a_copy_was_kept_names_what_decided() -> None:
    worse = replace(SUMMARY, quality=(-0.2, 0.0, 70.0, 3.0, 0.0))
    assert why_kept(SUMMARY.quality, [worse.quality]) == QUALITY[0]
    assert why_kept(SUMMARY.quality, [SUMMARY.quality]) == "as good as the others, and first by URL"
    assert why_kept(worse.quality, [SUMMARY.quality]).startswith("close to every member")
