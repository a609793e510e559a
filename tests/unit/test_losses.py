"""What a build may lose before it publishes nothing, and that every input is accounted for at each stage."""

import json
import random
import re
from pathlib import Path

import pytest

from saaf.corpus.build import build
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.file_names import DATA, LEDGER, WORK
from saaf.corpus.inspection.verify import verify_corpus
from saaf.corpus.ledger import LedgerError, LossError, UnreadableError
from saaf.corpus.records import InputPart, Partition
from saaf.corpus.settings import BuildSettings
from saaf.corpus.stages.reconcile import check_filtered, check_rows
from tests.archives import gzipped, http, record
from tests.corpora import corpus_bytes, corpus_rows

WORDS = [
    "der",
    "Hafen",
    "fror",
    "in",
    "der",
    "Nacht",
    "zu",
    "und",
    "die",
    "Boote",
    "kamen",
    "erst",
    "am",
    "Morgen",
    "zurück",
    "als",
    "der",
    "Lotse",
]


def lines(path: Path, *, short: int, long: int, host: str = "a.example") -> Path:
    texts = ["zu kurz"] * short + [" ".join([*WORDS, *(f"{word}{number}" for word in WORDS)]) for number in range(long)]
    rows = ({"text": text, "url": f"https://{host}/{number}"} for number, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def settings(**options: object) -> BuildSettings:
    return BuildSettings(workers=0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("allowed", "fails"), [(0.8, False), (0.79, True)])
def test_a_host_that_loses_more_than_is_allowed_ends_the_build(tmp_path: Path, allowed: float, fails: bool) -> None:
    source, output = lines(tmp_path / "a.jsonl", short=40, long=10), tmp_path / "out"
    if not fails:
        assert build([source], output, settings=settings(max_lost=allowed)).losses == ()
        return
    with pytest.raises(LossError, match=r"the host a\.example lost 40 of 50 documents in filtering"):
        build([source], output, settings=settings(max_lost=allowed))
    assert not (output / DATA).exists()
    assert (output / WORK).is_dir()
    assert build([source], output, settings=settings(max_lost=1.0)).documents == 10


def test_few_documents_may_all_be_lost(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=48, long=1)
    assert build([source], tmp_path / "out", settings=settings(max_lost=0.1)).documents == 1


def test_a_build_names_who_lost_nearly_everything_though_it_is_allowed(tmp_path: Path) -> None:
    summary = build([lines(tmp_path / "a.jsonl", short=60, long=2)], tmp_path / "out", settings=settings())
    assert any("the host a.example lost 60 of 62 documents in filtering" in line for line in summary.lines())


def test_a_language_that_was_not_asked_for_is_no_loss(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=60, long=2)
    build([source], tmp_path / "out", settings=settings(max_lost=0.99, languages=("hi",)))


@pytest.mark.parametrize(
    ("broken", "whole", "limit", "fails"),
    [(11, 10, None, True), (10, 10, None, False), (10, 9, None, False), (2, 2, 0.4, True), (2, 2, 0.5, False)],
)
def test_too_many_unreadable_inputs_end_the_build(
    tmp_path: Path, broken: int, whole: int, limit: float | None, fails: bool
) -> None:
    source, output = lines(tmp_path / "a.jsonl", short=0, long=whole), tmp_path / "out"
    with source.open("a") as stream:
        stream.write("{no json\n" * broken)
    if not fails:
        assert build([source], output, settings=settings(max_unreadable=limit)).documents
        return
    with pytest.raises(UnreadableError, match=rf"{broken} of {broken + whole} inputs are unreadable.*a\.jsonl#"):
        build([source], output, settings=settings(max_unreadable=limit))
    assert not (output / DATA).exists()
    assert build([source], output, settings=settings(max_unreadable=1.0)).documents


@pytest.mark.parametrize("partitions", [1, 2])
def test_captures_that_another_of_their_url_supersedes_are_not_unreadable(tmp_path: Path, partitions: int) -> None:
    """A page that scripts write is captured as it came and as the browser rendered it."""
    capture, output = tmp_path / "crawl" / "capture", tmp_path / "out"
    capture.mkdir(parents=True)
    urls = [f"https://a.example/news/{number}" for number in range(16)]
    bare = [
        record("response", url, http(b"<html><body><div id=root></div><script src=/a.js></script>")) for url in urls
    ]
    page = "<html><body><article><p>{}</p></article>"
    rendered = [
        record("response", url, http(page.format(f"Bericht {number} " + " ".join(WORDS * 8)).encode()))
        for number, url in enumerate(urls[:15])
    ]
    archives = [[*bare, *rendered]] if partitions == 1 else [bare, rendered]
    noise = random.Random(0).randbytes(600_000)  # a partition has a megabyte
    more = [record("metadata", urls[0], noise, Content_Type="application/octet-stream")] if partitions == 2 else []
    for number, records in enumerate(archives):
        (capture / f"crawl-{number:05d}.warc.gz").write_bytes(gzipped(*records, *more))
    listing = [{"url": url, "state": None, "role": "document", "reason": None} for url in urls]
    (capture / "urls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in listing))
    summary = build([capture], output, settings=settings())
    assert (summary.states["unreadable"], summary.states["repeated"], summary.documents) == (1, 15, 1)
    reasons = {row["reason"] for row in corpus_rows(output, LEDGER) if row["state"] == "repeated"}
    assert any(reason.startswith("another capture of the same URL could be read; of this one: ") for reason in reasons)
    assert not verify_corpus(output).problems
    other, notes = tmp_path / "other", list[str]()
    with pytest.raises(UnreadableError, match="1 of 16 inputs are unreadable"):
        build([capture], other, settings=settings(max_unreadable=0.06, dump="web", agent="crawler"))
    (capture / "urls.jsonl").write_text((capture / "urls.jsonl").read_text())  # a crawl that goes on writes it again
    build([capture], other, settings=settings(max_unreadable=1, languages=("de",)), notify=notes.append)
    going_on = re.fullmatch(r"going on with an unfinished build: read (\d+) of \1 parts? of .*, begun 0", notes[0])
    assert going_on, notes
    assert (going_on[1] == "1") == (partitions == 1)
    assert corpus_bytes(other) == {
        **corpus_bytes(other),
        **{name: content for name, content in corpus_bytes(output).items() if name.startswith(("data/", "originals/"))},
    }


def test_the_limits_hold_for_dedupe_too(tmp_path: Path) -> None:
    source = lines(tmp_path / "a.jsonl", short=60, long=2)
    chosen = settings(max_lost=0.5, clean=False, min_tokens=0)
    with pytest.raises(LossError, match="near-duplicates"):
        deduplicate([source], tmp_path / "out", settings=chosen, options=DedupeOptions())


PARTITION = Partition(parts=(InputPart(name="a.jsonl", path=Path("a.jsonl")),))


@pytest.mark.parametrize(("failures", "sound"), [(1, True), (0, False), (2, False)])
def test_an_input_that_a_stage_loses_or_invents_ends_the_build(failures: int, sound: bool) -> None:
    made = {"rows": 4, "articles": 2, "failures": failures}
    if sound:
        check_rows([PARTITION], [{"inputs": 3}], [made])
        return
    with pytest.raises(
        LedgerError, match=rf"3 inputs were read from a\.jsonl on, and {2 + failures} are accounted for"
    ):
        check_rows([PARTITION], [{"inputs": 3}], [made])


def test_a_document_that_is_neither_left_out_nor_compared_ends_the_build() -> None:
    check_filtered([{"rows": 4}], 1, {"passed": 2, "matched": 1})
    with pytest.raises(LedgerError, match="4 documents were filtered: 1 were left out, and 2 compared"):
        check_filtered([{"rows": 4}], 1, {"passed": 2})


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_from_0_to_1(share: float) -> None:
    with pytest.raises(ValueError, match="max_lost is a share from 0 to 1"):
        settings(max_lost=share)
    with pytest.raises(ValueError, match="max_unreadable is a share from 0 to 1"):
        settings(max_unreadable=share)
