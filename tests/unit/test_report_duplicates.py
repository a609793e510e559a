"""The part of the report on near-duplicates: both sides of the threshold, shares, older documents, paragraphs."""

import json
import random
import re
from pathlib import Path

import pytest

from saaf.corpus.file_names import MATCHES as MATCHES_FILE
from saaf.corpus.file_names import PARAGRAPHS as PARAGRAPHS_FILE
from saaf.corpus.file_names import REPORTS
from saaf.corpus.index_tables import MATCHES
from saaf.corpus.ledger import State
from saaf.corpus.paragraphs import PARAGRAPHS
from saaf.corpus.parquet import write_table
from saaf.corpus.report import write_report
from saaf.corpus.report.threshold_pairs import accepted_pairs, band_recall, rejected_pairs
from saaf.dedupe import Settings, jaccard
from tests.unit.corpus_helpers import Row, original, write_tables

HOSTILE = "<img src=x onerror=alert(1)>"
ARABIC = "اجتمع مجلس المدينة مساء أمس لمناقشة مشروع المكتبة الجديدة"


def words(count: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices([f"word{number}" for number in range(900)], k=count))


STORY = words(300, 1)
TEXTS = {
    "a": STORY,
    "b": f"{STORY} {words(40, 2)}",  # Jaccard about 0.88 with a
    "c": f"{STORY} {words(90, 3)}",  # about 0.77
    "d": f"{STORY} {words(150, 4)}",  # about 0.66: rejected
    "e": words(300, 5),
    "f": f"{words(300, 6)} {HOSTILE}",
}
STATES = {"b": "duplicate", "c": "duplicate", "f": "duplicate"}


def row(key: str) -> Row:
    site = f"{key}.example"
    return original(key, TEXTS[key], STATES.get(key, "kept"), id=key, url=f"https://{site}/", site=site)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    pairs = [
        {"left_id": "a", "right_id": other, "jaccard": jaccard(TEXTS["a"], TEXTS[other]), "containment": 1.0}
        for other in "bc"
    ]
    members = [
        {name: row(key)[name] for name in ("url", "site", "language")}
        | {"cluster_id": "a", "document_id": key, "representative": key == "a", "why": "best", "jaccard": 0.8}
        for key in "abc"
    ]
    settings = {"dedupe": {"threshold": 0.7, "short_tokens": 60}}
    return write_tables(tmp_path, map(row, TEXTS), clusters=members, pairs=pairs, settings=settings)


def add_tables_of_dedupe(corpus: Path) -> None:
    match = {"document_id": "f", "url": "https://f.example/", "matched_id": "x", "matched_url": "javascript:alert(1)"}
    known = {"matched_crawl": HOSTILE, "jaccard": 0.83, "containment": 0.9}
    guess = match | known | {"document_id": "e", "url": None, "verified": False}
    write_table(corpus / MATCHES_FILE, [match | known | {"verified": True}, guess], MATCHES)
    counts = {"document_id": "a", "documents": 7, "hosts": 5, "occurrences": 8, "removed": 6}
    rows = [{"paragraph_id": "0" * 16, "text": text} | counts for text in (f"{ARABIC} {HOSTILE}", "in English")]
    write_table(corpus / PARAGRAPHS_FILE, rows, PARAGRAPHS)


def test_the_pairs_closest_to_the_threshold_on_both_sides_are_shown_with_exact_figures(corpus: Path) -> None:
    (least,) = accepted_pairs(corpus)
    assert {least.left.id, least.right.id} == {"a", "c"}, "b shares its partner with a pair closer to the threshold"
    (most,) = rejected_pairs(corpus, Settings())
    assert (most.left.id, most.right.id) == ("a", "d")
    assert most.jaccard == jaccard(TEXTS["a"], TEXTS["d"]) < 0.7 <= least.jaccard
    page = write_report(corpus).read_text(encoding="utf-8")
    shown = re.findall(r'<article class="pair (\w+)">\s*<header><h4 id="[\w-]+">([\d.]+) ', page)
    assert shown == [("accepted", f"{least.jaccard:.3f}"), ("rejected", f"{most.jaccard:.3f}")]


def test_the_recall_of_the_bands_is_shown_at_the_threshold_and_around_it(corpus: Path) -> None:
    page = write_report(corpus).read_text(encoding="utf-8")
    assert "17 bands of 4 values find 96.5 % of the pairs at 0.65, 99.1 % of the pairs at 0.70, 99.8 %" in page
    assert "short ones (under 60 words) by runs of 2" in page
    promise = json.loads((corpus / REPORTS[1]).read_text(encoding="utf-8"))["promise"]
    assert (promise["shingle_size"], promise["short_shingle_size"], promise["short_tokens"]) == (3, 2, 60)
    assert promise["bands"] == {"count": 17, "rows": 4}
    assert promise["recall_by_jaccard"] == pytest.approx({"0.65": 0.965, "0.7": 0.991, "0.75": 0.998}, abs=0.0005)
    assert band_recall({"settings": {"dedupe": {"made_up": 1}}}) is None
    assert band_recall({"settings": {"dedupe": {"threshold": 7}}}) is None


def test_the_share_set_aside_is_told_by_language_and_host(corpus: Path) -> None:
    page = write_report(corpus).read_text(encoding="utf-8")
    shares = page.partition("What share was set aside")[2].partition("<h3")[0]
    assert re.search(r"<bdi>English</bdi>.*?>6<.*?>3<.*?50\.0 %", shares, flags=re.DOTALL)
    assert "f.<wbr>example" in shares
    assert "a.<wbr>example" not in shares, "nothing of that host was set aside"


def test_older_documents_and_repeated_paragraphs_are_shown_and_counted(corpus: Path) -> None:
    assert 'class="fails"' in write_report(corpus).read_text(encoding="utf-8"), "three duplicates, two explained"
    add_tables_of_dedupe(corpus)
    page = write_report(corpus).read_text(encoding="utf-8")
    assert 'class="fails"' not in page
    assert "1 document was set aside because the index has one like it" in page
    assert "1 more may be like one whose text the index does not keep" in page
    assert "0.830 <small>estimated</small>" in page
    assert f'<td dir="rtl">{ARABIC}' in page
    assert '<td dir="ltr">in English' in page
    figures = json.loads((corpus / REPORTS[1]).read_text(encoding="utf-8"))
    assert figures["repeated"] == {"paragraphs": 2, "paragraphs_removed": 12, "matched": 1, "estimated": 1}
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert State.DUPLICATE in page
