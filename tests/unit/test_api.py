"""The public API: three lines that work, errors that say what to pass, and nothing imported before it is used."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import saaf

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
PAGE = SEEDS / "harbour" / "interview-bell-ringer.html"
TEXT = (SEEDS / "004_6c95415e13a1eb0b.txt").read_text(encoding="utf-8")
STORY = "The ferry to the outer islands sailed again on Tuesday, five days after the storm had closed the harbour."
PAGE_OF_TEXT = saaf.Page(url=None, body="<p>x")  # type: ignore[arg-type]  # that is what is refused
CAPTIONED = f"<html><article><p>{STORY}</p><p>{STORY[:-1]}.</p><figure><figcaption>The ferry</figcaption></figure>"


def modules_after(code: str) -> tuple[set[str], float]:
    """Return the modules and the CPU seconds of a fresh process that ran `code`."""
    tail = "; import json, sys, time; print(json.dumps([sorted(sys.modules), time.process_time()]))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True, timeout=600)
    modules, seconds = json.loads(done.stdout.splitlines()[-1])
    return set(modules), seconds


def test_a_page_is_cleaned_and_every_character_accounted_for() -> None:
    clean = saaf.clean_html(PAGE.read_bytes(), url="https://harbour.example/interview")
    spans = saaf.explain(clean)
    assert "".join(span.text for span in spans) == clean.document.text
    assert "".join(span.text for span in spans if span.removal is None) == clean.text
    removed = [span for span in spans if span.removal]
    assert removed
    assert all(span.why.endswith(".") for span in removed)
    assert {span.removal.rule for span in removed if span.removal} <= saaf.rules().keys()


def test_reading_and_cleaning_are_what_clean_html_does_at_once() -> None:
    page = saaf.Page(url=None, body=PAGE.read_bytes(), headers=(("content-type", "text/html"),))
    document = saaf.read(page)
    assert saaf.clean(document) == saaf.clean_html(PAGE.read_bytes())
    sent = pickle.loads(pickle.dumps(document))  # noqa: S301  (our own)
    assert (document.analysis is None, sent.analysis is None) == (False, True)
    assert saaf.clean(document) == saaf.clean(sent)


def test_a_text_is_cleaned() -> None:
    clean = saaf.clean_text(TEXT)
    assert len(clean.text) < len(TEXT)
    assert clean.document.language.code == "ar"


def test_what_a_rule_removes_stays_on_request() -> None:
    assert "The ferry" not in saaf.clean_html(CAPTIONED).text.split("\n")
    assert "The ferry" in saaf.clean_html(CAPTIONED, keep=["html.caption"]).text.split("\n")


def test_a_language_that_is_known_is_not_identified() -> None:
    assert saaf.clean_html(CAPTIONED, language="sco").document.language == saaf.Language(
        code="sco", script="Latn", score=1.0
    )
    assert saaf.clean_text(STORY, language="en").document.language.code == "en"


def test_near_duplicates_are_found() -> None:
    found = saaf.find_duplicates([TEXT, STORY * 3, TEXT + " " + STORY])
    assert [(pair.left, pair.right) for pair in found.pairs] == [(0, 2)]


def test_a_corpus_is_built(tmp_path: Path) -> None:
    summary = saaf.build([PAGE], tmp_path / "out", workers=1)
    assert summary.documents == 1
    assert list((tmp_path / "out" / "data").glob("*/*.parquet"))


@pytest.mark.parametrize(
    ("function", "argument", "options", "message"),
    [
        ("clean_html", None, {}, "None is no page"),
        ("clean_html", PAGE, {}, r"saaf\.clean_html\(path\.read_bytes\(\)\)"),
        ("clean_html", 7, {}, "bytes or str"),
        ("clean_text", b"text", {}, "decode it"),
        ("clean_text", PAGE, {}, r"saaf\.clean_text\(path\.read_text\(\)\)"),
        ("clean_html", b"<p>x", {"url": PAGE}, r"url=str\(url\)"),
        ("clean_html", b"<p>x", {"fetched_at": "2024-01-01"}, "a datetime with a time zone"),
        ("clean_html", b"<p>x", {"keep": "html.caption"}, r"keep=\['html.caption'\]"),
        ("read", b"<p>x", {}, r"saaf\.Page\("),
        ("read", PAGE_OF_TEXT, {}, r"text\.encode\(\)"),
        ("clean", b"<p>x", {}, r"saaf\.clean_html"),
        ("explain", "text", {}, r"saaf\.clean_html"),
        ("find_duplicates", "one text", {}, "a list of texts"),
        ("find_duplicates", {"one", "two"}, {}, "a list of texts"),
        ("find_duplicates", None, {}, "a list of texts"),
        ("find_duplicates", iter(["one", "two"]), {}, "a list of texts"),
        ("find_duplicates", ["one", "two"], {"settings": 0.8}, r"saaf\.dedupe\.Settings\(threshold=…\)"),
        ("build", "in.warc.gz", {"output": "out"}, r"saaf\.build\(\['in\.warc\.gz'\]"),
        ("build", ["in.warc.gz"], {"output": "out", "languages": "hi"}, r"languages=\('hi',\)"),
    ],
)
def test_an_argument_of_another_kind_is_told_what_to_pass(
    function: str, argument: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(saaf, function)(argument, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fetched_at": datetime(2024, 1, 1)}, "time zone"),  # noqa: DTZ001  (that is what is refused)
        ({"language": "Hindi"}, "'hi'"),
        ({"language": "EN"}, "lower case"),
        ({"keep": ["html.captoin"]}, "there is no rule html.captoin"),
    ],
)
def test_a_wrong_value_is_told_what_to_pass(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        saaf.clean_html(b"<p>x</p>", **options)


def test_a_date_with_a_time_zone_bounds_the_dates_of_the_page() -> None:
    page = f"<html><head><meta property='article:published_time' content='2024-05-04'></head><p>{STORY}</p>"
    early, late = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)
    found = [saaf.clean_html(page, fetched_at=when).document.metadata.published for when in (early, late)]
    assert found == [None, "2024-05-04"]


def test_a_page_without_text_is_unreadable() -> None:
    with pytest.raises(saaf.Unreadable):
        saaf.clean_html(b"")


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(AttributeError, match="clean_html"):
        getattr(saaf, "clean" + "_htm")
    assert set(saaf.__all__) <= set(dir(saaf))
    assert all(getattr(saaf, name) is not None for name in saaf.__all__)


def test_importing_saaf_imports_nothing_else() -> None:
    modules, seconds = modules_after("import saaf")
    assert {name for name in modules if name.startswith("saaf")} == {"saaf", "saaf.lazy_names"}
    assert not modules & {"numpy", "lxml", "scrapy", "pyarrow", "trafilatura"}
    assert seconds < 0.5, "a tenth of that, on a machine that does nothing else"


@pytest.mark.parametrize(
    "code",
    [
        f"import saaf; saaf.clean_html(open({str(PAGE)!r}, 'rb').read())",
        (
            f"import sys; sys.argv = ['saaf', 'clean', {str(PAGE)!r}]; from saaf.cli.app import main\n"
            "try: main()\nexcept SystemExit: pass\nNone"
        ),
    ],
    ids=["library", "command"],
)
def test_cleaning_a_page_imports_neither_scrapy_nor_pyarrow_nor_jinja2(code: str) -> None:
    modules, _ = modules_after(code)
    assert "saaf.cleaning.pipeline" in modules
    assert not modules & {"scrapy", "pyarrow", "jinja2"}
