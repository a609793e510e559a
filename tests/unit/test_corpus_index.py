"""An index of documents: one crawl less another, several indexes, a document and itself, kills while it merges."""

import json
import random
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from saaf.cli import app as cli
from saaf.corpus.deduplicate import DedupeOptions, DedupeSummary, deduplicate
from saaf.corpus.exit_codes import Exit
from saaf.corpus.index import add_documents, change_and_merge, find_matches
from saaf.corpus.index_tables import read_live_rows
from saaf.corpus.settings import BuildSettings
from saaf.dedupe.index import UnusableIndexError, open_index, reading
from tests.corpora import corpus_rows
from tests.unit.index_helpers import run_script, summary

# Hindi, Urdu, Arabic, Amharic, and Chinese, which has no spaces.
WORDS = [
    f"{stem}{end}" for stem in ("ख़बर", "پانی", "خبر", "ዜና", "新聞", "news") for end in "abcdefghijklmnopqrstuvwxyz"
]


def story(seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=100))


def near(seed: int) -> str:
    """Return the story with four words replaced."""
    return " ".join(f"other{place}" if place % 25 == 7 else word for place, word in enumerate(story(seed).split()))


def page(host: str, seed: int, text: str | None = None) -> dict[str, str]:
    return {"url": f"https://{host}.example/{seed}", "text": text or story(seed)}


def written(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def run(
    output: Path, source: Path, dump: str, index: Path | None = None, read_only: Iterable[Path] = ()
) -> DedupeSummary:
    settings = BuildSettings(clean=False, min_tokens=0, workers=0, dump=dump)
    options = DedupeOptions(index=index, read_only_indexes=tuple(read_only))
    return deduplicate([source], output, settings=settings, options=options)


def urls(output: Path, name: str = "documents", column: str = "url") -> list[str]:
    return [str(row[column]) for row in corpus_rows(output, name)]


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def indexed(path: Path) -> list[tuple[str, str]]:
    """Return crawl and URL of all documents of an index, sorted."""
    with reading(path) as index:
        return sorted((row["crawl"], row["url"] or "") for segment in index.segments for row in read_live_rows(segment))


def make_index(tmp_path: Path, name: str, crawl: str, rows: Iterable[dict[str, str]]) -> Path:
    source = written(tmp_path / f"{name}.jsonl", rows)
    run(tmp_path / f"out-{name}", source, crawl, tmp_path / name)
    return tmp_path / name


def test_a_less_b_keeps_what_only_a_has_and_leaves_b_as_it_was(tmp_path: Path) -> None:
    b = make_index(tmp_path, "b", "b", [page("b", seed) for seed in range(6)])
    # The same page, an edited reprint, two of its own that are alike, and one of its own.
    rows = [page("b", 1), page("a", 2, near(2)), page("a", 50), page("a", 51, near(50)), page("a", 60)]
    a = written(tmp_path / "a.jsonl", rows)
    before = files(b)
    for _ in range(2):
        done = run(tmp_path / "out", a, "a", read_only=[b])
        assert (done.matched, done.corpus.documents, done.added, done.indexed) == (2, 2, None, 0)
        assert urls(tmp_path / "out") == ["https://a.example/50", "https://a.example/60"]
        assert urls(tmp_path / "out", "matches", "matched_url") == ["https://b.example/2", "https://b.example/1"]
    assert files(b) == before


def test_several_indexes_are_compared_with_and_one_is_added_to(tmp_path: Path) -> None:
    one = make_index(tmp_path, "one", "x", [page("one", 1), page("both", 3)])
    two = make_index(tmp_path, "two", "x", [page("two", 2), page("both", 3)])
    new = written(tmp_path / "new.jsonl", [page("new", seed, near(seed)) for seed in (1, 2, 3, 4)])
    before = files(one)
    done = run(tmp_path / "out", new, "new", two, [one])
    assert (done.matched, urls(tmp_path / "out")) == (3, ["https://new.example/4"])
    assert done.added is not None
    assert done.added.new == 4
    assert sorted(urls(tmp_path / "out", "matches", "matched_url")) == [
        "https://both.example/3",
        "https://one.example/1",
        "https://two.example/2",
    ], "a document that both indexes hold is named once"
    assert files(one) == before
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [index["documents"] for index in manifest["settings"]["indexes"]] == [2, 2]
    first = files(tmp_path / "out")
    run(tmp_path / "out", new, "new", two, [one])
    again = files(tmp_path / "out")
    assert {name for name in first if name.endswith(".parquet") and first[name] != again[name]} == set()


def test_a_document_never_matches_itself_and_is_not_added_twice(tmp_path: Path) -> None:
    rows = [page("a", 1), page("a", 2, near(1)), {"text": story(5)}]
    index = make_index(tmp_path, "index", "x", rows)
    source = written(tmp_path / "again.jsonl", rows)
    for add_to, read_only in ((index, ()), (None, (index,))):
        done = run(tmp_path / "out", source, "x", add_to, read_only)
        assert (done.matched, done.corpus.documents) == (0, 2)
        assert done.indexed == (3 if read_only else 0)
    assert open_index(index).documents == 3
    # The same URL of another crawl is another document: set aside while its text is like the older one.
    assert run(tmp_path / "later", written(tmp_path / "l.jsonl", rows[:2]), "y", index).matched == 2
    changed = written(tmp_path / "changed.jsonl", [page("a", 1, story(99))])
    assert run(tmp_path / "changed", changed, "z", index).matched == 0
    assert [(crawl, url) for crawl, url in indexed(index) if url.endswith("/1")] == [
        (crawl, "https://a.example/1") for crawl in "xyz"
    ]


def test_a_read_only_index_that_is_none_is_refused_and_not_made(tmp_path: Path) -> None:
    source = written(tmp_path / "a.jsonl", [page("a", 1)])
    with pytest.raises(UnusableIndexError, match="is no index"):
        run(tmp_path / "out", source, "a", read_only=[tmp_path / "none"])
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "out").exists()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two indexes, one/ and two/, and new.jsonl."""
    monkeypatch.chdir(tmp_path)
    for name, seed in (("one", 1), ("two", 2)):
        make_index(tmp_path, name, "old", [page(name, seed)])
    written(tmp_path / "new.jsonl", [page("new", seed, near(seed)) for seed in (1, 2, 3)])
    (tmp_path / "link").symlink_to("one")
    return tmp_path


def saaf(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["saaf", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


CONTRADICTIONS = {
    "--index one --index two": "there are 2 indexes: add the documents to one of them with --add-to one, or to none",
    "--index one --add-to two": "--add-to two is none of the indexes: give --index two too",
    "--index one --no-add --add-to one": "--no-add adds nothing, and --add-to one does: give one of them",
    "--index one --index two --index link --no-add": "--index link and --index one are the same: name it once",
    "--no-add": "--no-add and --add-to are for an index: name it with --index",
    "--add-to one": "--no-add and --add-to are for an index: name it with --index",
}


@pytest.mark.usefixtures("workplace")
def test_options_that_contradict_each_other_are_refused_with_what_to_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(Path("one"))
    for options, says in CONTRADICTIONS.items():
        assert saaf(monkeypatch, "dedupe", "new.jsonl", "-o", "out", *options.split()) == Exit.USAGE, options
        assert says in " ".join(capsys.readouterr().err.split())
        assert not Path("out").exists()
        assert files(Path("one")) == before


@pytest.mark.usefixtures("workplace")
def test_the_command_says_what_was_compared_and_added(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["dedupe", "new.jsonl", "--index", "one", "--index", "two"]
    assert saaf(monkeypatch, *arguments, "-o", "out", "--dump", "new", "--no-add") == Exit.DONE
    assert "index       2 like older documents; nothing added\n" in capsys.readouterr().out
    assert saaf(monkeypatch, *arguments, "-o", "out2", "--dump", "new", "--add-to", "./link") == Exit.DONE
    assert "index       2 like older documents; 3 added, 0 replaced, 0 already there\n" in capsys.readouterr().out
    assert (open_index(Path("one")).documents, open_index(Path("two")).documents) == (4, 1)
    assert saaf(monkeypatch, *arguments, "-o", "out3", "--dump", "new", "--no-add") == Exit.DONE
    assert "3 inputs are in a read-only index as of crawl new, and are not compared with themselves" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.usefixtures("workplace")
def test_a_query_names_other_documents_of_the_same_crawl_but_not_the_document_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(Path("pair.jsonl"), [page("p", 1), page("p", 2, near(1))])
    assert saaf(monkeypatch, "index", "add", "pairs", "pair.jsonl", "--dump", "x") == Exit.DONE
    capsys.readouterr()
    assert saaf(monkeypatch, "index", "query", "pairs", "pair.jsonl", "--dump", "x") == Exit.DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" of crawl")[0] for line in lines] == [
        "https://p.example/1 matches https://p.example/2",
        "https://p.example/2 matches https://p.example/1",
    ]


def test_additions_merge_by_themselves_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("first", "second"):
        for batch in range(0, 18, 2):
            with change_and_merge(tmp_path / name) as one:
                summaries, texts = [summary(f"d{batch}"), summary(f"d{batch + 1}")], [story(batch), story(batch + 1)]
                add_documents(one, summaries, texts, crawl="c")
    assert files(tmp_path / "first") == files(tmp_path / "second")
    assert sorted(segment.documents for segment in open_index(tmp_path / "first").segments) == [2, 8, 8]
    assert len(indexed(tmp_path / "first")) == 18


# Adds five batches, four of which are merged, and is killed at some of the calls that make anything last or delete.
KILL = """
import os, random, signal, sys
from pathlib import Path
from saaf.corpus.index import add_documents, change_and_merge, find_matches
from saaf.corpus.index import add_documents, change_and_merge, find_matches
from saaf.corpus.index_tables import read_live_rows
from saaf.corpus.outcomes import DocumentSummary
from saaf.dedupe.index import open_index, reading

root = Path(sys.argv[1])
text = lambda number: " ".join(random.Random(number).choices([f"ख़बर{n}" for n in range(500)], k=70))
def summary(number):
    return DocumentSummary(
        number=0, key="", file_path="", id=f"d{number:02}", url=None, site="", language="hi", script="Deva",
        fetched_at=None, tokens=1, characters=1, removed=0, quality=(0.0,),
    )

def add_all(path):
    for batch in range(5):
        numbers = [2 * batch, 2 * batch + 1]
        with change_and_merge(path) as index:
            add_documents(index, [summary(n) for n in numbers], [text(n) for n in numbers], crawl="c")

calls = 0
def counted(call, last):
    def run(*arguments, **more):
        global calls
        calls += 1
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **more)
    return run

def in_child(path, last):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        for name in ("fsync", "replace", "rename", "unlink", "rmdir", "mkdir"):
            setattr(os, name, counted(getattr(os, name), last))
        add_all(path)
        os.write(write, str(calls).encode())
        os._exit(0)
    os.close(write)
    killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    return killed, os.read(read, 20)

def ids(path):
    with reading(path) as index:
        return [row["id"] for segment in index.segments for row in read_live_rows(segment)]

_, total = in_child(root / "whole", 0)
expected = sorted(ids(root / "whole"))
answer = find_matches([open_index(root / "whole")], [summary(99)], [text(3)], "new")
for last in sorted(random.Random(1).sample(range(1, int(total)), 9)):
    path = root / str(last)
    assert in_child(path, last)[0], last
    if (path / "manifest.json").exists():
        left = sorted(ids(path))
        assert left == expected[: len(left)] and len(left) % 2 == 0, (last, left)
    add_all(path)
    assert sorted(ids(path)) == expected, last
    assert len(open_index(path).segments) <= 2, last
    assert find_matches([open_index(path)], [summary(99)], [text(3)], "new") == answer, last
    assert {one.name for one in (path / "segments").iterdir()} == {one.name for one in open_index(path).segments}
    print(last)
"""


def test_killed_while_it_adds_or_merges_no_document_is_lost_or_comes_twice(tmp_path: Path) -> None:
    printed = run_script(KILL, tmp_path)
    assert len(printed.split()) == 9


def test_readers_are_right_at_every_moment_while_others_add_and_merge(tmp_path: Path) -> None:
    path = tmp_path / "index"

    def add(number: int) -> None:
        with change_and_merge(path) as one:
            add_documents(one, [summary(f"d{number}")], [story(number)], crawl="old")

    add(0)
    done = threading.Event()

    def read() -> int:
        times = 0
        while not done.is_set() or not times:
            with reading(path) as index:
                found = find_matches([index], [summary("new")], [near(0)], "new")
                assert [row["matched_id"] for row in found[0]] == ["d0"]
            times += 1
        return times

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for number in range(1, 9):
            add(number)
        done.set()
        assert reader.result() > 1
    with change_and_merge(path):
        pass
    assert len(list((path / "segments").iterdir())) == len(open_index(path).segments)


def test_a_merge_that_fails_loses_nothing_and_is_made_up_for(tmp_path: Path) -> None:
    index = tmp_path / "index"
    for batch in range(3):
        make_index(tmp_path, "index", f"crawl {batch}", [page("a", batch)])
    with reading(index) as opened:
        table = opened.segments[0].directory / "documents.parquet"
    hidden = table.rename(tmp_path / "documents.parquet")
    with pytest.raises(UnusableIndexError, match="is missing"):
        make_index(tmp_path, "index", "crawl 3", [page("a", 3)])
    hidden.rename(table)
    make_index(tmp_path, "index", "crawl 3", [page("a", 3)])
    assert [segment.documents for segment in open_index(index).segments] == [4]
