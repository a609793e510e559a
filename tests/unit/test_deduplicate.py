"""`saaf dedupe` with an index and with repeated paragraphs, and what it says of inputs that nobody can use."""

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import saaf
from benchmarks.dedupe_forms import KINDS
from saaf.cleaning import Removal, apply_removals
from saaf.corpus.deduplicate import DedupeOptions, DedupeSummary, deduplicate
from saaf.corpus.index import add_documents, cluster_rows, find_matches, merge_segments, remove_documents
from saaf.corpus.ledger import LedgerError, State
from saaf.corpus.paragraphs import PARAGRAPHS, ParagraphOptions
from saaf.corpus.readers import InputError
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages import near as near_stage
from saaf.dedupe import Duplicates, Linkage, Pair, jaccard, near_pairs
from saaf.dedupe.index import Change, UnusableIndexError, change, open_index
from tests.corpora import corpus_bytes, corpus_rows
from tests.unit.index_helpers import summary

SEED = Path(__file__).resolve().parents[2] / "seeds" / "000_ea40fb25f8e93f5a.txt"
WORDS = [f"word{number}" for number in range(3000)]
FOOTER = "Sign up for the letter that we send to all who read our stories"
Rows = list[dict[str, object]]


def story(seed: int, length: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def near(seed: int) -> str:
    """Return the story with a word in thirty replaced."""
    return " ".join(f"other{place}" if place % 30 == 7 else word for place, word in enumerate(story(seed).split()))


def document(host: str, seed: int, text: str | None = None) -> dict[str, object]:
    return {"url": f"https://{host}.example/{seed}", "text": story(seed) if text is None else text}


def written(path: Path, rows: Iterable[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(output: Path, *inputs: Path, dump: str = "new", **options: object) -> DedupeSummary:
    settings = BuildSettings(clean=False, min_tokens=0, workers=0, dump=dump)
    return deduplicate(inputs, output, settings=settings, options=DedupeOptions(**options))  # type: ignore[arg-type]  # as given


def table(output: Path, name: str) -> Rows:
    return corpus_rows(output, name)


def states(output: Path) -> dict[str, tuple[str, str]]:
    return {str(row["key"]): (str(row["state"]), str(row["reason"])) for row in table(output, "ledger")}


@pytest.fixture
def older_index(tmp_path: Path) -> Path:
    """An index of ten documents of an older crawl."""
    old = written(tmp_path / "old.jsonl", (document("old", seed) for seed in range(10)))
    assert run(tmp_path / "out-old", old, dump="2026-11", index=tmp_path / "index").matched == 0
    return tmp_path / "index"


def test_a_new_document_like_an_older_one_is_set_aside_and_says_which(tmp_path: Path, older_index: Path) -> None:
    new = written(tmp_path / "new.jsonl", [document("new", 3, near(3)), document("new", 4, story(99))])
    summary = run(tmp_path / "out", new, index=older_index)
    assert (summary.matched, summary.corpus.documents, summary.corpus.duplicates) == (1, 1, 1)
    assert summary.added is not None
    assert (summary.added.new, open_index(older_index).documents) == (2, 12)
    (match,) = table(tmp_path / "out", "matches")
    assert match["jaccard"] == jaccard(near(3), story(3)) > 0.7
    assert (match["url"], match["matched_url"]) == ("https://new.example/3", "https://old.example/3")
    assert (match["matched_crawl"], match["verified"]) == ("2026-11", True)
    state, reason = states(tmp_path / "out")["new.jsonl#1"]
    assert state == "duplicate"
    assert (
        reason
        == f"near-duplicate (Jaccard {match['jaccard']:.2f}) of https://old.example/3 of crawl 2026-11, in the index"
    )
    assert 'class="fails"' not in (tmp_path / "out" / "report" / "report.html").read_text(encoding="utf-8")


def test_the_same_run_again_has_the_same_tables_and_leaves_the_index(tmp_path: Path, older_index: Path) -> None:
    twins = [document("a", 50), document("b", 50, near(50)), document("c", 3, near(3))]
    new = written(tmp_path / "new.jsonl", twins)
    run(tmp_path / "first", new, index=older_index)
    generation = open_index(older_index).generation
    summary = run(tmp_path / "second", new, index=older_index)
    assert summary.added is not None
    assert (summary.added.new, summary.added.replaced, summary.added.same) == (0, 0, 3)
    assert open_index(older_index).generation == generation
    first, second = corpus_bytes(tmp_path / "first"), corpus_bytes(tmp_path / "second")
    tables = [name for name in first if name.endswith(".parquet")]
    assert len(tables) > 8
    for name in tables:
        assert first[name] == second[name], name


def test_a_run_that_ends_between_output_and_index_is_made_whole_by_the_next(
    tmp_path: Path, older_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = written(tmp_path / "new.jsonl", [document("c", 3, near(3)), document("d", 60)])

    def killed(_: Change) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Change, "commit", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "out", new, index=older_index)
    before = corpus_bytes(tmp_path / "out")
    assert "manifest.json" in before
    assert open_index(older_index).documents == 10
    run(tmp_path / "out", new, index=older_index)
    assert corpus_bytes(tmp_path / "out") == before
    assert open_index(older_index).documents == 12


def test_a_text_that_changed_takes_the_place_of_the_older(tmp_path: Path, older_index: Path) -> None:
    changed = written(tmp_path / "new.jsonl", [document("old", 3, story(77))])
    summary = run(tmp_path / "out", changed, dump="2026-11", index=older_index)
    assert summary.added is not None
    assert (summary.added.new, summary.added.replaced, open_index(older_index).documents) == (0, 1, 10)
    again = written(tmp_path / "again.jsonl", [document("x", 1, story(3)), document("x", 2, story(77))])
    run(tmp_path / "again", again, dump="later", index=older_index)
    assert [row["matched_url"] for row in table(tmp_path / "again", "matches")] == ["https://old.example/3"]
    assert table(tmp_path / "again", "matches")[0]["url"] == "https://x.example/2"


def index_with(path: Path, batches: list[list[int]], *, keep_texts: bool = True) -> Path:
    texts = {seed: near(seed - 100) if seed >= 100 else story(seed) for batch in batches for seed in batch}
    for batch in batches:
        with change(path) as index:
            summaries = [summary(f"d{seed:03}") for seed in batch]
            add_documents(index, summaries, [texts[seed] for seed in batch], crawl="c", keep_texts=keep_texts)
    return path


def test_clusters_of_an_index_are_the_same_in_whatever_order_and_batches(tmp_path: Path) -> None:
    seeds = [*range(12), *range(100, 108)]
    shuffled = random.Random(2).sample(seeds, len(seeds))
    one = list(cluster_rows(open_index(index_with(tmp_path / "one", [seeds]))))
    many = index_with(tmp_path / "many", [shuffled[:3], shuffled[3:4], shuffled[4:]])
    assert list(cluster_rows(open_index(many))) == one
    assert len({row["cluster_id"] for row in one}) == 8
    with change(many) as index:
        assert merge_segments(index) == 3
    merged = open_index(many)
    assert (len(merged.segments), merged.documents) == (1, len(seeds))
    assert list(cluster_rows(merged)) == one


def test_a_removed_document_is_gone_before_and_after_the_merge(tmp_path: Path) -> None:
    path = index_with(tmp_path / "index", [[1, 2], [3]])
    with change(path) as index:
        assert remove_documents(index, ["d001", "d003", "unknown"]) == 2
        assert remove_documents(index, ["d002"], crawl="another") == 0
    new = ([summary("n1"), summary("n2")], [near(1), near(2)])
    for _ in range(2):
        matches = find_matches([open_index(path)], *new, "new")
        assert [rows[0]["matched_id"] for rows in matches.values()] == ["d002"]
        with change(path) as index:
            merge_segments(index)
    assert len(open_index(path).segments) == 1
    with change(path) as index:
        remove_documents(index, ["d002"])
    with change(path) as index:
        merge_segments(index)
    assert open_index(path).segments == ()


def test_an_index_without_texts_estimates_and_sets_nothing_aside(tmp_path: Path) -> None:
    path = index_with(tmp_path / "index", [[1, 2]], keep_texts=False)
    new = written(tmp_path / "new.jsonl", [document("new", 1, near(1)), document("new", 2)])
    summary = run(tmp_path / "out", new, index=path)
    assert {row["url"]: row["verified"] for row in table(tmp_path / "out", "matches")} == {
        "https://new.example/1": False,
        "https://new.example/2": True,
    }
    assert [row["url"] for row in table(tmp_path / "out", "documents")] == ["https://new.example/1"]
    assert summary.matched == 1, "the one with the same words"


def test_repeated_paragraphs_are_reported_and_removed_by_option(tmp_path: Path) -> None:
    def page(host: str, seed: int) -> dict[str, object]:
        return document(host, seed, f"{story(seed)}\n{FOOTER if seed % 2 else FOOTER.upper() + '!'}\nYes.")

    rows = [page(host, seed) for seed, host in enumerate(("a", "a", "b", "c"))] + [document("d", 9, FOOTER)]
    path = written(tmp_path / "in.jsonl", rows)
    reported, first, spread, rare = (
        run(tmp_path / name, path, paragraphs=ParagraphOptions.parse(choice))
        for name, choice in (
            ("reported", "report"), ("first", "keep-first"), ("spread", "over-hosts=3"), ("rare", "over-hosts=4")
        )
    )  # fmt: skip
    assert {summary.corpus.documents for summary in (reported, first, spread, rare)} == {5}
    (row,) = table(tmp_path / "reported", "paragraphs")
    assert row | {"paragraph_id": ""} == {
        "paragraph_id": "",
        "text": FOOTER.upper() + "!",
        "document_id": table(tmp_path / "reported", "documents")[0]["id"],
        "documents": 5,
        "hosts": 4,
        "occurrences": 5,
        "removed": 0,
    }
    counts = {name: table(tmp_path / name, "paragraphs")[0]["removed"] for name in ("first", "spread", "rare")}
    assert counts == {"first": 3, "spread": 4, "rare": 0}, "a document that is nothing else stays whole"
    texts = [str(row["text"]) for row in table(tmp_path / "spread", "documents")]
    assert texts[:4] == [f"{story(seed)}\nYes." for seed in range(4)]
    assert texts[4] == FOOTER
    assert FOOTER.upper() in str(table(tmp_path / "first", "documents")[0]["text"])
    for name in ("first", "spread"):
        originals = {row["id"]: row for row in table(tmp_path / name, "originals")}
        for kept in table(tmp_path / name, "documents"):
            spans = [Removal(**span) for span in kept["removals"]]  # type: ignore[attr-defined]  # rows of spans
            assert {span.rule for span in spans} <= {"dedupe.paragraph"}
            assert apply_removals(str(originals[kept["id"]]["text"]), spans) == kept["text"], "replay"


def test_no_line_break_is_left_where_paragraphs_were_taken_out(tmp_path: Path) -> None:
    pages = [
        document(host, seed, f"{FOOTER}\n{FOOTER}\n{story(seed)}\n{FOOTER}\n{FOOTER}") for seed, host in enumerate("ab")
    ]
    run(tmp_path / "out", written(tmp_path / "in.jsonl", pages), paragraphs=ParagraphOptions.parse("over-hosts=1"))
    assert [row["text"] for row in table(tmp_path / "out", "documents")] == [story(0), story(1)]


@pytest.mark.parametrize("text", ["", "keep-last", "over-hosts", "over-hosts=0", "over-hosts=x", "report=1"])
def test_an_unknown_choice_for_paragraphs_is_refused_with_the_valid_ones(text: str) -> None:
    with pytest.raises(ValueError, match=r"say report, keep-first or over-hosts=N"):
        ParagraphOptions.parse(text)


def test_components_join_what_stars_keep_apart_and_say_how(tmp_path: Path) -> None:
    words = story(1, 400).split()
    chain = [document("a", step, " ".join(words[15 * step : 15 * step + 200])) for step in range(6)]
    path = written(tmp_path / "in.jsonl", chain)
    stars, component = run(tmp_path / "stars", path), run(tmp_path / "all", path, linkage=Linkage.COMPONENTS)
    assert stars.corpus.documents > component.corpus.documents == 1
    rows = table(tmp_path / "all", "clusters")
    assert "joined by chains of up to" in str(rows[0]["why"])
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_text())
    assert manifest["settings"]["linkage"] == "components", "a setting of this command, which no build has"
    texts = {row["url"]: str(row["text"]) for row in chain}
    kept = next(str(row["url"]) for row in rows if row["representative"])
    for row in rows:
        assert row["jaccard"] == (1.0 if row["url"] == kept else jaccard(texts[kept], texts[row["url"]]))


def bad_parquet(path: Path, column: list[object], name: str = "text") -> None:
    pq.write_table(pa.table({name: column}), path)


@pytest.mark.parametrize(
    ("make", "key", "state", "says"),
    [
        (lambda path: path.write_bytes(b"not a table"), "", State.UNREADABLE, "the file cannot be read"),
        (lambda path: bad_parquet(path, ["a"], "words"), "", State.UNREADABLE, "no column is known to hold text"),
        (lambda path: bad_parquet(path, [None, "x"]), "#1", State.EMPTY, "column 'text' is null"),
        (lambda path: bad_parquet(path, [7]), "", State.UNREADABLE, "column 'text' holds a number, not text"),
        (lambda path: bad_parquet(path, ["x " * (25 << 20)]), "#1", State.OVER_BUDGET, "the limit is"),
    ],
    ids=["not Parquet", "no text column", "null", "numbers", "50 MB"],
)
def test_an_input_nobody_can_use_is_named_and_the_rest_goes_on(
    tmp_path: Path, make: Callable[[Path], object], key: str, state: State, says: str
) -> None:
    make(tmp_path / "in.parquet")
    good = written(tmp_path / "good.jsonl", [document("a", 1), document("b", 2)])
    summary = run(tmp_path / "out", tmp_path / "in.parquet", good, index=tmp_path / "index")
    found, reason = states(tmp_path / "out")[f"in.parquet{key}"]
    assert found == state
    assert says in reason
    assert summary.corpus.documents >= 2
    assert open_index(tmp_path / "index").documents >= 2


def test_a_corpus_that_reads_its_own_table_stays_as_it_was(tmp_path: Path) -> None:
    saaf.build([SEED], tmp_path / "out", workers=1)
    before = corpus_bytes(tmp_path / "out")
    with pytest.raises(InputError, match="name another output"):
        run(tmp_path / "out", tmp_path / "out" / "data")
    assert corpus_bytes(tmp_path / "out") == before
    assert run(tmp_path / "other", tmp_path / "out" / "data").corpus.documents == 1


def test_half_a_surrogate_pair_in_json_is_text_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(f'{{"text": "{story(1)} \\ud83d"}}\n{{"text": "{near(1)}"}}\n', encoding="utf-8")
    assert run(tmp_path / "out", path, index=tmp_path / "index").corpus.duplicates == 1


def test_an_index_of_another_version_stops_before_anything_is_written(tmp_path: Path, older_index: Path) -> None:
    manifest = json.loads((older_index / "manifest.json").read_text(encoding="utf-8"))
    (older_index / "manifest.json").write_text(
        json.dumps(manifest | {"tokenizer": "0 (Unicode 1.1)"}), encoding="utf-8"
    )
    path = written(tmp_path / "in.jsonl", [document("a", 1)])
    with pytest.raises(UnusableIndexError, match=r"index/manifest\.json: made with tokenizer 0"):
        run(tmp_path / "out", path, index=older_index)
    assert not (tmp_path / "out").exists()
    assert PARAGRAPHS.names[0] == "paragraph_id"


def chains(count: int) -> list[dict[str, object]]:
    """Return documents in threes: the second and the third are like the first, and unlike each other."""
    rows = []
    for seed in range(count):
        words, new = story(seed, 100).split(), story(seed + 1000, 30).split()
        texts = (words, new[:15] + words[15:], words[:85] + new[15:])
        rows += [document(f"host{place}", seed, " ".join(text)) for place, text in enumerate(texts)]
    return rows


@pytest.mark.parametrize("linkage", Linkage)
def test_no_pair_is_of_two_kept_documents_and_all_others_are_paired_with_what_is_kept(
    tmp_path: Path, linkage: Linkage
) -> None:
    prices = [document("market", 9000 + number, text) for number, text in enumerate(KINDS["prices"](200))]
    copies = [document("copy", number, story(number % 5).upper()) for number in range(10)]
    stories = [document("paper", 500 + number, near(number)) for number in range(5)]
    inputs = written(tmp_path / "in.jsonl", [*chains(30), *prices, *copies, *stories])
    run(tmp_path / "out", inputs, linkage=linkage)
    kept = {row["id"] for row in table(tmp_path / "out", "documents")}
    pairs = {frozenset((row["left_id"], row["right_id"])) for row in table(tmp_path / "out", "pairs")}
    assert len(pairs) == len(table(tmp_path / "out", "pairs")), "each pair once"
    assert [pair for pair in pairs if pair <= kept] == []
    aside = [row for row in table(tmp_path / "out", "ledger") if row["state"] == "duplicate"]
    assert len(aside) > 50
    for row in aside:
        assert row["duplicate_of"] in kept
        if linkage is Linkage.STAR:
            assert frozenset((row["document_id"], row["duplicate_of"])) in pairs
        else:
            assert any(row["document_id"] in pair for pair in pairs)


def test_the_order_of_the_inputs_and_of_the_records_leaves_no_trace(tmp_path: Path) -> None:
    rows = [*chains(5), *(document("market", 9000 + n, text) for n, text in enumerate(KINDS["prices"](80)))]
    shuffled = random.Random(1).sample(rows, len(rows))
    run(tmp_path / "one", written(tmp_path / "one.jsonl", rows))
    run(tmp_path / "other", written(tmp_path / "one.jsonl", shuffled))
    for name in ("pairs", "clusters"):
        assert table(tmp_path / "one", name) == table(tmp_path / "other", name)
    kept = [{row["id"] for row in table(tmp_path / output, "documents")} for output in ("one", "other")]
    assert kept[0] == kept[1]


def test_a_corpus_with_two_near_duplicates_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = written(tmp_path / "in.jsonl", [document("a", 1), document("b", 2)])
    run(tmp_path / "out", inputs)
    before = corpus_bytes(tmp_path / "out")
    pair = Pair(left=0, right=1, jaccard=0.83, containment=0.9)
    found = Duplicates(pairs=(pair,), clusters=(), empty=())
    every = np.arange(2)
    monkeypatch.setattr(near_stage, "batch_components", lambda *_: [every])
    monkeypatch.setattr(near_stage, "find_in_sketches", lambda *_, **__: found)
    with pytest.raises(
        LedgerError, match=r"https://a\.example/1 and https://b\.example/2 are both kept.*Jaccard 0\.83"
    ):
        run(tmp_path / "out", inputs)
    assert before == corpus_bytes(tmp_path / "out")


def test_manifest_and_report_say_what_was_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = KINDS["disclaimer20"](120)
    inputs = written(tmp_path / "in.jsonl", [document("a", number, text) for number, text in enumerate(texts)])
    run(tmp_path / "whole", inputs)
    assert "near_duplicates_omitted" not in json.loads((tmp_path / "whole" / "manifest.json").read_text())
    assert "Not all was compared" not in (tmp_path / "whole" / "report" / "report.html").read_text()
    monkeypatch.setattr(near_pairs, "MAX_GROUP_TEXTS", 40)
    run(tmp_path / "parts", inputs)
    omitted = json.loads((tmp_path / "parts" / "manifest.json").read_text())["near_duplicates_omitted"]
    assert 0 < omitted["texts"] < 120 < omitted["comparisons"]
    assert (
        f"{omitted['texts']} texts were not compared with"
        in (tmp_path / "parts" / "report" / "report.html").read_text()
    )
