"""The batch on real files: what comes out, what becomes of bad input, and that it is whole and repeatable."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.cleaning.types import Page, Removal, apply_removals
from saaf.corpus.build import build
from saaf.corpus.ledger import State
from saaf.corpus.readers import InputError
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter
from tests.corpora import corpus_bytes, corpus_frame

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT / "seeds").glob("0*.txt"))
IN_PROCESS = BuildSettings(workers=0)
FILES = {"data", "rejected", "originals", "ledger", "dedup", "report", "README.md", "croissant.json", "manifest.json"}
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
NAMES = ("river", "market", "harvest", "bridge", "school", "festival", "museum")


def article(subject: str) -> str:
    """Return an article of six paragraphs that shares no run of words with one on another subject."""
    words = [f"{subject}{number}" for number in range(60)]
    paragraphs = (f"The {subject} of {' and of '.join(words[at : at + 10])} was seen." for at in range(0, 60, 10))
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)


def html(subject: str) -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>The {subject}</title></head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>The {subject}</h1>{article(subject)}</article><footer>Contact us</footer></body></html>"
    ).encode()


def page(subject: str, host: str = "a.example", day: int = 1) -> Page:
    moment = datetime(2025, 3, day, tzinfo=UTC)
    return Page(url=f"https://{host}/{subject}", body=html(subject), headers=HEADERS, fetched_at=moment)


def crawl(directory: Path) -> Path:
    """Write what a crawl leaves: pages, a copy on another host, a second capture, and what was no page."""
    with WarcWriter(directory / "records.warc.gz") as writer:
        for name in NAMES:
            writer.write(page(name))
        writer.write(page("river", host="b.example"))
        writer.write(page("market", day=2))
        writer.write(
            Page(url="https://a.example/robots.txt", body=b"User-agent: *", fetched_at=datetime(2025, 3, 1, tzinfo=UTC))
        )
    lines = [
        {"url": "https://a.example/robots.txt", "role": "discovery", "state": "not_content", "reason": "robots.txt"}
    ]
    lines.append(
        {"url": "https://seeds.invalid/9.txt", "role": "failure", "state": "unlisted", "reason": "no manifest names it"}
    )
    (directory / "urls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return directory


def ledger(output: Path) -> dict[str, tuple[str, str]]:
    table = corpus_frame(output, "ledger")
    return {row["key"]: (row["state"], row["reason"]) for row in table.to_dicts()}


def digests(corpus: Path) -> dict[str, str]:
    return {name: sha256(content).hexdigest() for name, content in corpus_bytes(corpus).items()}


def entries(corpus: Path) -> set[str]:
    return {path.name for path in corpus.iterdir()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("corpus")
    build([crawl(directory / "capture"), *SEEDS], directory / "out", settings=IN_PROCESS)
    return directory


def test_every_input_ends_in_one_state(corpus: Path) -> None:
    states = corpus_frame(corpus / "out", "ledger")["state"].value_counts().rows()
    assert dict(states) == {"kept": 12, "duplicate": 1, "repeated": 1, "not_content": 1, "unlisted": 1}


def test_the_later_capture_and_one_of_the_copies_are_kept(corpus: Path) -> None:
    table = corpus_frame(corpus / "out", "documents")
    assert table.filter(url="https://a.example/market")["date"].to_list() == ["2025-03-02T00:00:00Z"]
    rivers = table.filter(pl.col("url").str.ends_with("/river"))
    assert (rivers["url"].to_list(), rivers["minhash_cluster_size"].to_list()) == (["https://a.example/river"], [2])
    clusters = corpus_frame(corpus / "out", "clusters")
    assert clusters["url"].to_list() == ["https://a.example/river", "https://b.example/river"]
    assert clusters["jaccard"].to_list() == [1.0, 1.0]
    assert corpus_frame(corpus / "out", "pairs").height == 1


def test_the_removals_replay_from_the_originals_to_the_documents(corpus: Path) -> None:
    originals = corpus_frame(corpus / "out", "originals").filter(state="kept")
    documents = {row["id"]: row for row in corpus_frame(corpus / "out", "documents").to_dicts()}
    assert originals.height == len(documents)
    for row in originals.to_dicts():
        removals = [Removal(**removal) for removal in row["removals"]]
        assert apply_removals(row["text"], removals) == documents[row["id"]]["text"]
        assert row["removals"] == documents[row["id"]]["removals"]


def test_an_appended_article_is_a_row_of_its_own_by_choice(tmp_path: Path) -> None:
    settings = BuildSettings(workers=0, split_appended=True, keep=("*.disclaimer", "*.statement"))
    build(SEEDS, tmp_path / "out", settings=settings)
    rows = {row["key"]: row for row in corpus_frame(tmp_path / "out", "ledger").to_dicts()}
    assert sorted(rows) == sorted([*(path.name for path in SEEDS), f"{SEEDS[4].name}+1"])
    documents = {row["id"]: row for row in corpus_frame(tmp_path / "out", "documents").to_dicts()}
    second = documents[rows[f"{SEEDS[4].name}+1"]["document_id"]]
    assert second["flags"] == [f"appended_to:{rows[SEEDS[4].name]['document_id']}"]
    assert "لايعبّر بالضرورة عن وجهة نظر" in second["text"]
    recorded = json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]
    assert recorded["split_appended"] is True
    assert recorded["keep"] == ["*.disclaimer", "*.statement"]
    with pytest.raises(ValueError, match="no rule html"):
        BuildSettings(keep=("html.captoin",))


def test_rows_are_sorted_by_url_then_id(corpus: Path) -> None:
    paths = [*(corpus / "out" / "data").rglob("*.parquet"), *(corpus / "out" / "originals").iterdir()]
    assert len(paths) > 4
    for path in paths:
        rows = pl.read_parquet(path).select(pl.col("url").fill_null(""), "id").rows()
        assert rows == sorted(rows)


def test_the_manifest_describes_every_other_file(corpus: Path) -> None:
    manifest = json.loads((corpus / "out" / "manifest.json").read_text())
    found = digests(corpus / "out")
    assert manifest["files"].keys() == found.keys() - {"manifest.json"}
    assert {name: described["sha256"] for name, described in manifest["files"].items()} == {
        name: digest for name, digest in found.items() if name != "manifest.json"
    }
    assert sum(entry["rows"] for name, entry in manifest["files"].items() if name.startswith("data/")) == 12
    assert str(corpus) not in json.dumps(manifest)


def test_the_same_bytes_from_two_processes_another_place_and_another_order(corpus: Path, tmp_path: Path) -> None:
    inputs = [*reversed(SEEDS), crawl(tmp_path / "capture")]
    build(inputs, tmp_path / "out", settings=BuildSettings(workers=2))
    assert digests(tmp_path / "out") == digests(corpus / "out")
    assert entries(tmp_path / "out") == FILES


def test_the_summary_says_it_in_five_lines(tmp_path: Path) -> None:
    summary = build([crawl(tmp_path / "capture")], tmp_path / "out", settings=IN_PROCESS)
    assert (summary.inputs, summary.documents, summary.duplicates) == (11, 7, 1)
    assert summary.languages == {"en": 7}
    assert 0 < summary.removed_share < 0.2
    assert len(summary.lines()) == 5
    assert Path(str(summary.report)).read_text().startswith("<!")


def test_texts_can_be_compared_as_they_are_with_nothing_removed(tmp_path: Path) -> None:
    settings = BuildSettings(workers=0, clean=False)
    summary = build([*SEEDS, crawl(tmp_path / "capture")], tmp_path / "out", settings=settings)
    assert (summary.removed_share, summary.duplicates) == (0.0, 1)
    texts = corpus_frame(tmp_path / "out", "documents")["text"]
    assert SEEDS[0].read_text() in texts.to_list()


def write_bad_inputs(directory: Path) -> None:
    """Write one of each kind of bad input, and good ones before and after."""
    files = {
        "a_good.html": html("river"),
        "binary.html": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        "cut.txt.gz": gzip.compress(os.urandom(5_000).hex().encode())[:2_000],
        "empty.html": b"",
        "noise.txt": bytes(range(128, 256)) * 20 + b"\x00\x01\x02" * 300,
        "spaces.txt": b" \n\t\n",
        "unreadable.parquet": b"PAR1" + b"\x00" * 500,
        "unknown.html": html("market").replace(b"<head>", b'<head><meta charset="x-nobody-knows-it">'),
        "z_good.txt": SEEDS[0].read_bytes(),
    }
    for name, content in files.items():
        (directory / name).write_bytes(content)
    pq.write_table(pa.table({"words": ["x"]}), directory / "other.parquet")
    with WarcWriter(directory / "cut.warc.gz") as writer:
        for name in ("school", "museum"):
            writer.write(page(name))
    whole = (directory / "cut.warc.gz").read_bytes()
    (directory / "cut.warc.gz").write_bytes(whole[:-200])


def test_bad_input_costs_itself_and_nothing_else(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    write_bad_inputs(inputs)
    summary = build([inputs], tmp_path / "out", settings=BuildSettings(workers=1))
    states = {key.removeprefix("in/"): state for key, (state, _) in ledger(tmp_path / "out").items()}
    assert states == {
        "a_good.html": State.KEPT,
        "binary.html": State.UNREADABLE,
        "cut.txt.gz": State.TOO_SHORT,
        "cut.warc.gz#1": State.KEPT,
        "cut.warc.gz#2": State.UNREADABLE,
        "empty.html": State.EMPTY,
        "noise.txt": State.UNREADABLE,
        "other.parquet": State.UNREADABLE,
        "spaces.txt": State.EMPTY,
        "unknown.html": State.KEPT,
        "unreadable.parquet": State.UNREADABLE,
        "z_good.txt": State.KEPT,
    }
    reasons = [reason for state, reason in ledger(tmp_path / "out").values() if state != State.KEPT]
    assert all(len(reason) > 10 for reason in reasons)
    assert not any(str(tmp_path) in reason for reason in reasons)
    assert summary.documents == 4


def test_a_corpus_of_nothing_is_whole(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    summary = build([tmp_path / "in.jsonl"], tmp_path / "out", settings=IN_PROCESS)
    assert (summary.inputs, summary.documents, summary.removed_share) == (1, 0, 0.0)
    assert entries(tmp_path / "out") == FILES


def test_a_missing_input_leaves_the_old_corpus(tmp_path: Path) -> None:
    build([SEEDS[0]], tmp_path / "out", settings=IN_PROCESS)
    before = digests(tmp_path / "out")
    with pytest.raises(InputError):
        build([tmp_path / "nowhere"], tmp_path / "out", settings=IN_PROCESS)
    assert digests(tmp_path / "out") == before
    assert entries(tmp_path / "out") == FILES


def test_a_build_killed_midway_leaves_the_old_corpus_and_the_next_one_runs(tmp_path: Path) -> None:
    build([SEEDS[0]], tmp_path / "out", settings=IN_PROCESS)
    before = digests(tmp_path / "out")
    script = (
        "import signal, sys; from pathlib import Path\n"
        "from saaf.corpus.build import build; from saaf.corpus.settings import BuildSettings\n"
        "def stop(step, done, of):\n"
        "    if step == 'writing the corpus': print('here', flush=True); signal.pause()\n"
        "build([Path(sys.argv[1])], Path(sys.argv[2]), settings=BuildSettings(workers=0), report_progress=stop)\n"
    )
    command = [sys.executable, "-c", script, str(SEEDS[1]), str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    assert digests(tmp_path / "out") == before
    build([SEEDS[1]], tmp_path / "out", settings=IN_PROCESS)
    assert entries(tmp_path / "out") == FILES
    assert digests(tmp_path / "out") != before


def test_a_script_without_a_main_guard_is_told_what_to_do(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from pathlib import Path\nfrom saaf.corpus.workers import clean_pages\nfrom saaf.cleaning.types import Page\n"
        "list(clean_pages([Page(url=None, body=b'text')]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 1
    assert "call what needs them under `if __name__ == '__main__':`" in done.stderr.splitlines()[-1]


def test_two_builds_into_one_directory_do_not_mix(tmp_path: Path) -> None:
    with exclusive_lock(tmp_path, BusyError()), pytest.raises(BusyError, match="another build"):
        build([SEEDS[0]], tmp_path, settings=IN_PROCESS)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_reported_step_by_step(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int | None]] = []
    build(SEEDS[:2], tmp_path, settings=IN_PROCESS, report_progress=lambda *step: steps.append(step))
    assert [name for name, _ in groupby(step for step, _, _ in steps)] == [
        "reading and cleaning",
        "comparing the pages of each site",
        "filtering",
        "comparing documents",
        "writing the corpus",
        "writing the report",
    ]
    assert steps[:2] == [("reading and cleaning", 0, 1), ("reading and cleaning", 1, 1)]
    assert {total for name, _, total in steps if name == "filtering"} == {2}, "documents, from when all are read"
    assert all(total is not None and done <= total for _, done, total in steps)
