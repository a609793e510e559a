"""The quality filter: files of thresholds, names, and what becomes of a document that fails."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from saaf.cleaning.quality.derive import Derivation
from saaf.cleaning.quality.thresholds import Threshold
from saaf.corpus.ledger import State
from saaf.corpus.outcomes import DocumentSummary
from saaf.corpus.quality_filter import parse_quality_filter, read_thresholds, write_toml
from saaf.corpus.report.funnel import count_ledger
from saaf.corpus.selection import filter_documents
from saaf.corpus.settings import BuildSettings, parse_kinds
from tests.unit.corpus_helpers import failure, original, write_tables

GUIDE = Path(__file__).resolve().parents[2] / "docs/how-to/filter-and-redact.md"


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_a_file_names_languages_as_subsets_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "own.toml", "[hin_Deva.word_count]\nmin = 50\n[cmn_Hans.word_count]\nmax = 9e4\n")
    assert read_thresholds(path) == {
        "hi_Deva": (Threshold(signal="word_count", bound="min", limit=50, source="own.toml"),),
        "zh_Hani": (Threshold(signal="word_count", bound="max", limit=9e4, source="own.toml"),),
    }


def test_the_file_that_the_guide_shows_is_read(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert list(read_thresholds(write(tmp_path / "shown.toml", shown))) == ["hi_Deva"]


def test_derived_thresholds_are_written_so_that_they_are_read_again(tmp_path: Path) -> None:
    thresholds = (
        Threshold(signal="mean_word_length", bound="min", limit=3.25, source="tail"),
        Threshold(signal="mean_word_length", bound="max", limit=7.0, source="tail"),
        Threshold(signal="word_count", bound="min", limit=40, source="tail"),
    )
    text = write_toml(Derivation(thresholds={"ur_Arab": thresholds}, without={"am_Ethi": "2 documents are too few"}))
    assert "# am_Ethi has none: 2 documents are too few" in text
    read = read_thresholds(write(tmp_path / "t.toml", text))
    limits = {(one.signal, one.bound, one.limit) for one in read["ur_Arab"]}
    assert limits == {(one.signal, one.bound, one.limit) for one in thresholds}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no thresholds"),
        ("[hi_Deva]", "holds no thresholds"),
        ("[hi_Deva", "is no TOML"),
        ("x = " + "[" * 5000, "is no TOML"),
        ("hi_Deva = 3", r"\[hi_Deva\] must hold a table for each signal"),
        ("[hi_Deva]\nword_count = 50", r"\[hi_Deva\] must hold a table for each signal"),
        ("[hi_Deva.words]\nmin = 5", "'words' is no quality signal"),
        ("[hi_Deva.word_count]\nleast = 5", "no limit; use min, max"),
        ("[hi_Deva.word_count]\nmin = nan", "no limit; use min, max"),
        ("[hi_Deva.word_count]\nmin = true", "no limit; use min, max"),
        ("[hi.word_count]\nmin = 5", r"names no script; .* \[hi_Latn\]"),
        ("[hindi_Deva.word_count]\nmin = 5", "hindi_Deva"),
        ("[hi_Deva.word_count]\nmin = 5\n[hin_Deva.word_count]\nmin = 6", "two tables are of one language"),
    ],
)
def test_a_file_that_is_no_filter_is_refused_with_its_name(tmp_path: Path, content: str, message: str) -> None:
    path = write(tmp_path / "own.toml", content)
    with pytest.raises(ValueError, match=message) as caught:
        read_thresholds(path)
    assert str(caught.value).startswith(str(path))


def test_names_are_presets_derived_or_files(tmp_path: Path) -> None:
    path = write(tmp_path / "own.toml", "[en_Latn.word_count]\nmin = 7\n")
    chosen = parse_quality_filter(["gopher", "derived", str(path)])
    assert chosen is not None
    assert (chosen.names, chosen.derives) == (("gopher", "derived", "own.toml"), True)
    derived = {"hi_Deva": (Threshold(signal="word_count", bound="min", limit=3, source="tail"),)}
    table = chosen.table(derived)
    assert list(table) == ["en_Latn", "hi_Deva"]
    assert [one.limit for one in table["en_Latn"] if one.source == "own.toml"] == [7]
    assert parse_quality_filter([]) is None
    with pytest.raises(ValueError, match="'gophr' is no quality filter: give gopher, c4, fineweb, fineweb2, derived"):
        parse_quality_filter(["gophr"])
    with pytest.raises(ValueError, match="cannot be read"):
        parse_quality_filter(["missing.toml"])


def test_kinds_of_personal_data_are_named_one_by_one_or_together() -> None:
    assert parse_kinds(["phone, email", "card"]) == ("email", "phone", "card")
    assert parse_kinds(["all"])[:2] == ("email", "ipv4")
    assert parse_kinds(["", ","]) == ()
    with pytest.raises(ValueError, match="emails: no kind of personal data; give all, or some of email"):
        BuildSettings(redact=("emails",))


def test_what_is_measured_needs_texts_that_are_cleaned() -> None:
    for more in ({"redact": ("email",)}, {"paragraph_languages": True}):
        with pytest.raises(ValueError, match="need texts that are cleaned"):
            BuildSettings(clean=False, **more)


def summary(number: int, day: int, tokens: int = 30) -> DocumentSummary:
    return DocumentSummary(
        number=number,
        key=f"a#{number}",
        file_path="a",
        id="1" * 16,
        url="https://a.example/",
        site="a.example",
        language="hi",
        script="Deva",
        fetched_at=datetime(2026, 1, day, tzinfo=UTC),
        tokens=tokens,
        characters=200,
        removed=0,
        quality=(0.0,),
    )


def test_an_older_capture_is_taken_where_the_latest_fails_a_threshold() -> None:
    outcomes = filter_documents(
        [summary(1, day=1), summary(2, day=2), summary(3, day=3), summary(4, day=4, tokens=2)],
        BuildSettings(),
        {3: "it has 30 words, less than 50 (own.toml)", 4: "it has 2 words, less than 50 (own.toml)"},
    )
    assert {number: outcome.state for number, outcome in outcomes.items()} == {
        1: State.REPEATED,
        3: State.LOW_QUALITY,
        4: State.TOO_SHORT,
    }
    assert outcomes[3].reason == "it has 30 words, less than 50 (own.toml)"


def test_the_report_counts_how_many_fail_the_same_limit(tmp_path: Path) -> None:
    reasons = [
        "it has 30 words, less than 50 (own.toml)",
        "it has 1,204 words, less than 50 (own.toml)",
        "61.5 % of its characters are in repeated 5-grams, more than 15 % (Gopher)",
        "71 % of its characters are in repeated 5-grams, more than 15 % (Gopher)",
        "72 % of its characters are in repeated 5-grams, more than 15 % (Gopher)",
    ]
    left_out = [failure(f"a#{at}", "low_quality", reason, document_id=f"{at:016}") for at, reason in enumerate(reasons)]
    corpus = write_tables(tmp_path, [original("k", "x", "kept")], failures=left_out)
    totals = count_ledger(corpus, ())
    low_quality = next(state for state in totals.states if state.name is State.LOW_QUALITY)
    assert low_quality.reasons == (
        ("N % of its characters are in repeated 5-grams, more than 15 % (Gopher)", 3),
        ("it has N words, less than 50 (own.toml)", 2),
    )
    assert next(step for step in totals.steps if step.name == "passed").lost == ((State.LOW_QUALITY, 5),)
