"""The report of a corpus whose tables are written by hand, so that each figure can be counted on fingers."""

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from saaf.cleaning import Removal
from saaf.cleaning.spans import rule_reason
from saaf.corpus.corpus_tables import NotACorpusError
from saaf.corpus.file_names import DATA, MANIFEST, REPORTS
from saaf.corpus.ledger import State
from saaf.corpus.report import write_report
from saaf.corpus.report.charts import size_bins
from saaf.corpus.report.totals import STATE_MEANINGS, count_totals
from tests.unit.corpus_helpers import Row, failure, original, write_tables

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
URDU = "شام میں دہشتگردی کیخلاف کاروائیاں جاری رہیں گی\nاہم ترین خبریں\nایران اور روس کے صدور نے گفتگو کی"
URDU_REMOVED = Removal(start=47, end=62, rule="ur.popular", score=0.9)


ORIGINALS = [
    original("a", URDU, "kept", (URDU_REMOVED,), language="ur", site="a.example", url="https://a.example/?q=1&lang=ur"),
    original("b", URDU.replace("ی", "ي"), "duplicate", language="ur", site="b.example", url="javascript:alert(3)"),
    original(
        "c", f"A story {HOSTILE} told.", "kept", title=HOSTILE, site="c.example", url=f"https://c.example/{HOSTILE}"
    ),
    original("d", "Too short", "too_short"),
]


def write_corpus(output: Path, originals: list[Row] | None = None, **more: Any) -> Path:
    """Write the tables of a corpus of `originals` (the four above where None) and one unreadable input."""
    originals = ORIGINALS if originals is None else originals
    pair = [one for one in originals if one["language"] == "ur"]
    ids = {"left_id": "a", "right_id": "b"}
    settings = {"dedupe": {"threshold": 0.7}, "languages": [HOSTILE], "fast": True, "keep": [], "lid": None}
    tables: dict[str, Any] = {
        "failures": [failure("e", "unreadable", f"binary {HOSTILE}")],
        "clusters": [member(one, str(pair[0]["id"])) for one in pair],
        "pairs": [ids | {"jaccard": 0.8125, "containment": 1.0}] if pair else [],
        "settings": settings,
    }
    return write_tables(output, originals, **(tables | more))


def member(row: Row, cluster: str) -> Row:
    known = {name: row[name] for name in ("url", "site", "language")}
    kept = row["state"] == "kept"
    shown = {"representative": kept, "why": f"best {HOSTILE}", "jaccard": 1.0 if kept else 0.8125}
    return known | shown | {"cluster_id": cluster, "document_id": row["id"]}


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("report") / "corpus")


@pytest.fixture(scope="module")
def page(corpus: Path) -> str:
    return write_report(corpus).read_text(encoding="utf-8")


def test_every_character_read_is_kept_removed_or_dropped(corpus: Path) -> None:
    totals = count_totals(corpus)[0]
    read = sum(len(str(one["text"])) for one in ORIGINALS)
    dropped = len(URDU) + len("Too short")
    assert (totals.all.read, totals.all.removed, totals.all.dropped) == (read, 15, dropped)
    assert totals.all.kept == read - 15 - dropped
    urdu = next(group for group in totals.languages.top if group.name == "ur")
    assert (urdu.documents, urdu.kept_documents, urdu.duplicates) == (2, 1, 1)
    assert urdu.read == urdu.kept + urdu.removed + urdu.dropped == 2 * len(URDU)
    assert [(rule.rule, rule.spans, rule.characters) for rule in totals.rules] == [("ur.popular", 1, 15)]


def test_the_sum_of_the_states_is_the_number_of_inputs_and_is_shown(corpus: Path, page: str) -> None:
    totals = count_totals(corpus)[0]
    assert {state.name.value: state.inputs for state in totals.states} == {
        "kept": 2,
        "duplicate": 1,
        "too_short": 1,
        "unreadable": 1,
    }
    assert totals.inputs == 5
    assert "2 + 1 + 1 + 1 =" in page


def test_checks_hold_and_a_table_that_does_not_fit_is_shown_to_fail(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    assert all(check.holds for check in count_totals(corpus)[0].checks)
    shutil.rmtree(corpus / DATA)
    page = write_report(corpus).read_text(encoding="utf-8")
    assert 'class="fails"' in page
    assert "rows of data/: 2 ≠ 0" in page


def test_nothing_of_the_data_becomes_markup(page: str) -> None:
    elements = Elements(page).found
    assert {"img", "iframe", "link"}.isdisjoint(tag for tag, _ in elements)
    assert [attributes for tag, attributes in elements if tag == "script"] == [{}], "the one of ours"
    assert not any(name.startswith("on") or name == "style" for _, attributes in elements for name in attributes)
    assert "&lt;script&gt;alert(1)" in page


def test_only_http_links_can_be_followed(page: str) -> None:
    links = [a["href"] or "" for tag, a in Elements(page).found if tag == "a"]
    outside = [address for address in links if not address.startswith("#")]
    assert outside
    assert all(address.startswith("https://") for address in outside)
    assert "javascript:alert(3)" in page  # shown, not linked


def test_the_policy_allows_this_style_and_script_and_nothing_else(page: str) -> None:
    policy = next(a["content"] for tag, a in Elements(page).found if a.get("http-equiv") == "Content-Security-Policy")
    digests = [
        base64.b64encode(hashlib.sha256(page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0].encode()).digest())
        for tag in ("style", "script")
    ]
    style, script = (f"'sha256-{digest.decode()}'" for digest in digests)
    sources = f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
    assert policy == sources


def test_headings_are_in_order_and_every_table_has_a_caption(page: str) -> None:
    elements = [tag for tag, _ in Elements(page).found]
    levels = [int(tag[1]) for tag in elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(after == "caption" for tag, after in pairwise(elements) if tag == "table")


def test_a_sample_that_is_closed_has_one_tab_stop_its_summary(page: str) -> None:
    samples = page.partition('<section id="documents">')[2].partition("</section>")[0]
    assert samples.count('<details class="document"') == len(ORIGINALS)
    assert "tabindex" not in samples
    summaries = re.findall(r"<summary>.*?</summary>", samples, flags=re.DOTALL)
    assert not any("<a " in summary for summary in summaries)


def test_languages_are_named_in_words(page: str) -> None:
    assert "<bdi>Urdu</bdi> <code>ur</code>" in page
    assert '<option value="ur">Urdu</option>' in page


def test_samples_can_be_searched_by_words_language_and_state_and_are_all_there_without_a_script(page: str) -> None:
    forms = [attributes for tag, attributes in Elements(page).found if tag == "form"]
    assert [(form["role"], "hidden" in form) for form in forms] == [("search", True)]
    assert not re.search(r'<details class="document"[^>]*hidden', page)
    shown = [a for tag, a in Elements(page).found if tag == "details" and a.get("class") == "document"]
    assert {(a["data-language"], a["data-state"]) for a in shown} == {
        ("ur", "kept"), ("ur", "duplicate"), ("en", "kept"), ("en", "too_short")
    }  # fmt: skip


def test_text_from_right_to_left_is_marked_so_with_its_language(page: str) -> None:
    passages = [a for tag, a in Elements(page).found if tag == "div" and "passage" in (a.get("class") or "")]
    assert {(a["dir"], a["lang"]) for a in passages} == {("rtl", "ur"), ("ltr", "en")}


def test_what_was_removed_is_struck_out_with_its_rule(page: str) -> None:
    struck = [a["data-why"] for tag, a in Elements(page).found if tag == "del" and "data-why" in a]
    assert rule_reason("ur.popular")
    assert struck == [f"ur.popular: {rule_reason('ur.popular')}"]


def test_the_page_says_how_it_was_made(page: str) -> None:
    assert "settings.<wbr>dedupe.<wbr>threshold" in page
    made = page.partition('id="made"')[2].partition("</table>")[0]
    assert "<bdi>true</bdi>" in made, "as saaf.toml has it"
    assert "<bdi>none</bdi>" in made
    assert not any(f"<bdi>{word}</bdi>" in made for word in ("True", "False", "None", ""))


def test_the_same_tables_give_the_same_bytes(corpus: Path) -> None:
    first = [write_report(corpus).read_bytes(), (corpus / REPORTS[1]).read_bytes()]
    assert [write_report(corpus).read_bytes(), (corpus / REPORTS[1]).read_bytes()] == first


def test_the_json_has_the_same_totals(corpus: Path, page: str) -> None:
    figures = json.loads((corpus / REPORTS[1]).read_text(encoding="utf-8"))
    assert figures["inputs"] == 5
    assert figures["all"]["removed"] == 15
    assert figures["duplicates"]["clusters"] == 1


def test_a_corpus_without_documents_has_a_report(tmp_path: Path) -> None:
    page = write_report(write_corpus(tmp_path / "corpus", [])).read_text(encoding="utf-8")
    assert "<h1>0 documents" in page


def test_a_line_has_a_direction_of_its_own_where_it_begins_and_goes_on_so(tmp_path: Path) -> None:
    dated, english = "تاريخ النشر: 3rd, September 2025 GMT", "A line in English"
    text = f"شام میں دہشتگردی کیخلاف کاروائیاں جاری رہیں گی\n{dated}\n{english}"
    corpus = write_corpus(tmp_path / "corpus", [original("a", text, "kept", language="ar")])
    page = write_report(corpus).read_text(encoding="utf-8")
    assert re.search(rf'<p dir="ltr">\s*{english}', page)
    assert re.search(rf"<p>\s*{dated}", page)


def test_what_is_no_corpus_is_said_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(NotACorpusError, match=r"no manifest\.json.*saaf build"):
        write_report(tmp_path)
    (tmp_path / "documents.parquet").touch()
    with pytest.raises(NotACorpusError, match=r"earlier version.*saaf convert"):
        write_report(tmp_path)
    corpus = write_corpus(tmp_path / "corpus")
    manifest = json.loads((corpus / MANIFEST).read_text(encoding="utf-8"))
    (corpus / MANIFEST).write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    with pytest.raises(NotACorpusError, match=r"number 99.*newer version"):
        write_report(corpus)


def test_a_corpus_of_many_clusters_shows_a_few_and_counts_all(tmp_path: Path) -> None:
    originals = [
        original(f"{number:05}{copy}", f"story {number} " * 5, "kept" if copy == "a" else "duplicate")
        for number in range(3000)
        for copy in "ab"
    ]
    members = [member(one, f"{str(one['key'])[:5]}a".rjust(16, "0")) for one in originals]
    corpus = write_corpus(tmp_path / "corpus", originals, clusters=members)
    page = write_report(corpus).read_text(encoding="utf-8")
    assert page.count('<article class="cluster">') == 8
    assert "3,000 clusters" in page
    assert len(page) < 200_000


def test_every_state_of_the_ledger_has_a_meaning() -> None:
    assert set(STATE_MEANINGS) == set(State)


def test_cluster_sizes_beyond_five_are_counted_in_ranges() -> None:
    bins = size_bins([(2, 7), (6, 1), (10, 2), (30, 1)])
    assert [(one.label, one.count) for one in bins] == [
        ("2", 7), ("3", 0), ("4", 0), ("5", 0), ("6–10", 3), ("11–20", 0), ("21–40", 1)
    ]  # fmt: skip
