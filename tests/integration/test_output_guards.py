"""Nothing good is replaced by nothing: what a build or a deduplication that goes wrong leaves, and how it says so."""

from __future__ import annotations

import gzip
import json
import os
import resource
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from saaf.cleaning.types import Page
from saaf.corpus.build import build
from saaf.corpus.deduplicate import DedupeOptions, deduplicate
from saaf.corpus.file_names import WORK
from saaf.corpus.output_guards import OutputError
from saaf.corpus.readers import InputError, read_inputs
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter
from saaf.dedupe.index import open_index
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {"hi": "समाचार", "ur": "خبر", "ar": "الميناء", "am": "ዜና", "th": "ข่าว"}
IN_PROCESS = BuildSettings(workers=0)
AS_IT_IS = BuildSettings(workers=0, clean=False, min_tokens=0)


def text(language: str, length: int = 60) -> str:
    return " ".join(f"{WORDS[language]}{number}" for number in range(length))


def write_rows(path: Path, *rows: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def good_rows() -> list[dict[str, object]]:
    return [{"url": f"https://{language}.example/1", "text": text(language)} for language in WORDS]


def digests(directory: Path) -> dict[str, str]:
    files = {path.relative_to(directory): path for path in directory.rglob("*") if path.is_file()}
    kept = {name.as_posix(): path for name, path in files.items() if WORK not in name.parts}  # a build that goes on
    return {name: sha256(path.read_bytes()).hexdigest() for name, path in kept.items()}


def ledger(corpus: Path) -> dict[str, tuple[str, str]]:
    rows = corpus_rows(corpus, "ledger")
    return {row["key"]: (row["state"], row["reason"]) for row in rows}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    build([write_rows(tmp_path / "good.jsonl", *good_rows())], tmp_path / "out", settings=IN_PROCESS)
    return tmp_path / "out"


def test_a_build_that_keeps_no_document_leaves_the_older_corpus_and_says_why(corpus: Path, tmp_path: Path) -> None:
    before = digests(corpus)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 no table")
    short = write_rows(tmp_path / "short.jsonl", {"text": text("am", 3)}, {"text": text("ur", 4)}, {"text": None})
    with pytest.raises(InputError, match=r"no document is left of 1 input \(1 unreadable\): broken\.parquet: .*cannot"):
        build([broken], corpus, settings=IN_PROCESS)
    with pytest.raises(InputError, match=r"3 inputs \(1 empty, 2 too short\): short\.jsonl#1: 3 words"):
        build([short], corpus, settings=IN_PROCESS)
    unwanted = BuildSettings(workers=0, languages=("sw",))
    with pytest.raises(InputError, match=r"5 wrong language.* stays as it was; to replace it by an empty one, delete"):
        build([tmp_path / "good.jsonl"], corpus, settings=unwanted)
    with pytest.raises(InputError, match="no document is left of 1 input"):
        deduplicate([broken], corpus, settings=AS_IT_IS, options=DedupeOptions())
    assert digests(corpus) == before


def test_an_older_corpus_can_be_replaced_by_an_empty_one_on_purpose(corpus: Path, tmp_path: Path) -> None:
    empty = write_rows(tmp_path / "empty.jsonl")
    with pytest.raises(InputError, match=r"the file has no lines\. The older corpus .* delete .*/data first"):
        build([empty], corpus, settings=IN_PROCESS)
    rmtree(corpus / "data")
    assert build([empty], corpus, settings=IN_PROCESS).documents == 0
    assert build([empty], corpus, settings=IN_PROCESS).documents == 0, "an empty corpus is nothing to lose"


def test_a_crawl_that_has_nothing_new_leaves_the_older_corpus_and_the_index(corpus: Path, tmp_path: Path) -> None:
    options = DedupeOptions(index=tmp_path / "seen")
    first, second = (BuildSettings(workers=0, clean=False, min_tokens=0, dump=dump) for dump in ("first", "second"))
    again = write_rows(tmp_path / "again.jsonl", *[row | {"url": f"{row['url']}/copy"} for row in good_rows()])
    deduplicate([tmp_path / "good.jsonl"], tmp_path / "unique", settings=first, options=options)
    before, generation = digests(tmp_path / "unique"), open_index(tmp_path / "seen").generation
    with pytest.raises(InputError, match="5 duplicate"):
        deduplicate([again], tmp_path / "unique", settings=second, options=options)
    assert digests(tmp_path / "unique") == before
    assert open_index(tmp_path / "seen").generation == generation
    summary = deduplicate([again], tmp_path / "new", settings=second, options=options)
    assert (summary.matched, summary.corpus.documents) == (5, 0), "a corpus of its own may be empty"


def test_a_page_that_became_too_short_does_not_replace_the_article_captured_before(tmp_path: Path) -> None:
    url = "https://hi.example/1"
    rows: list[dict[str, object]] = [
        {"url": url, "date": "2025-03-01T00:00:00Z", "text": text("hi")},
        {"url": url, "date": "2025-03-02T00:00:00Z", "text": "समाचार नहीं मिला"},
        {"url": url, "date": "2025-03-03T00:00:00Z", "text": text("am")},
    ]
    build(
        [write_rows(tmp_path / "in.jsonl", *rows)],
        tmp_path / "out",
        settings=BuildSettings(workers=0, languages=("hi",)),
    )
    assert {key: state for key, (state, _) in ledger(tmp_path / "out").items()} == {
        "in.jsonl#1": "kept",
        "in.jsonl#2": "too_short",
        "in.jsonl#3": "wrong_language",
    }


def test_a_file_name_that_is_not_utf_8_or_not_one_line_costs_nothing(tmp_path: Path) -> None:
    names = [b"caf\xe9.txt", b"caf\xe8.txt", b"caf\\xe9.txt", b"two\nlines.txt", b"tab\x1b[2J.txt", b"in.jsonl#1"]
    directory = tmp_path / "in"
    write_rows(directory / "in.jsonl", {"text": text("hi")}, {"text": text("ur")})
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(directory), name)  # noqa: PTH118  # of bytes
        with open(path, "wb") as stream:  # noqa: PTH123
            stream.write(f"{text('am')} {number} ".encode() * (number + 1))
    summary = build([directory], tmp_path / "out", settings=IN_PROCESS)
    assert summary.inputs == 8
    assert ledger(tmp_path / "out").keys() == {
        "in/caf\\xe9.txt",
        "in/caf\\xe8.txt",
        "in/caf\\\\xe9.txt",
        "in/two\\x0alines.txt",
        "in/tab\\x1b[2J.txt",
        "in/in.jsonl\\x231",
        "in/in.jsonl#1",
        "in/in.jsonl#2",
    }
    assert "café" not in (tmp_path / "out" / "report" / "report.html").read_text(encoding="utf-8")


def test_inputs_of_every_format_may_have_names_that_are_not_utf_8(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [text("am")]}), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": text("ur")}).encode()))
    page = Page(url="https://hi.example/", body=text("hi").encode(), headers=(("Content-Type", "text/plain"),))
    with WarcWriter(tmp_path / "c.warc.gz") as writer:
        writer.write(replace(page, fetched_at=datetime(2025, 3, 1, tzinfo=UTC)))
    directory = tmp_path / os.fsdecode(b"caf\xe9")
    directory.mkdir()
    for name in ("a.parquet", "b.jsonl.gz", "c.warc.gz"):
        (tmp_path / name).rename(directory / os.fsdecode(b"\xff-" + name.encode()))
    build([directory], tmp_path / "out", settings=IN_PROCESS)
    assert {key: state for key, (state, _) in ledger(tmp_path / "out").items()} == {
        "caf\\xe9/\\xff-a.parquet#1": "kept",
        "caf\\xe9/\\xff-b.jsonl.gz#1": "kept",
        "caf\\xe9/\\xff-c.warc.gz#1": "kept",
    }
    with pytest.raises(OutputError, match="is UTF-8, which this is not"):
        build([directory], tmp_path / os.fsdecode(b"out\xff"), settings=IN_PROCESS)


def test_names_given_twice_are_told_apart_from_names_that_look_so(tmp_path: Path) -> None:
    for number, name in enumerate(("one/a.txt", "two/a.txt", "a.txt~2")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text('ar')} {number}", encoding="utf-8")
    inputs = [tmp_path / name for name in ("one/a.txt", "two/a.txt", "a.txt~2")]
    build(inputs, tmp_path / "out", settings=IN_PROCESS)
    assert sorted(ledger(tmp_path / "out")) == ["a.txt", "a.txt~2", "a.txt~2~2"]


def test_half_a_surrogate_pair_in_an_address_costs_nothing(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"url": f"https://ar.example/\ud800{number}", "text": text("ar", 60 + 40 * number)} for number in range(2)
    ]
    summary = build([write_rows(tmp_path / "in.jsonl", *rows)], tmp_path / "out", settings=IN_PROCESS)
    assert summary.documents == 2
    table = corpus_rows(tmp_path / "out", "documents")
    assert [row["url"] for row in table] == [f"https://ar.example/\ufffd{number}" for number in range(2)]
    with pytest.raises(ValueError, match="the name of the crawl"):
        BuildSettings(dump="crawl-\udce9")


def test_what_is_no_file_is_in_the_ledger_and_the_files_beside_it_are_read(tmp_path: Path) -> None:
    directory = tmp_path / "in"
    write_rows(directory / "a.jsonl", {"text": text("hi")})
    write_rows(tmp_path / "elsewhere" / "b.jsonl", {"text": text("ur")})
    (directory / "elsewhere").symlink_to(tmp_path / "elsewhere")
    (directory / "gone.txt").symlink_to(tmp_path / "nowhere")
    (directory / "circle").symlink_to(directory / "circle")
    (directory / "link.jsonl").symlink_to(tmp_path / "elsewhere" / "b.jsonl")
    os.mkfifo(directory / "pipe.txt")
    (directory / "sub").mkdir()
    (directory / "sub" / "deep.jsonl").write_text("[" * 100_000, encoding="utf-8")
    build([directory], tmp_path / "out", settings=IN_PROCESS)
    found = ledger(tmp_path / "out")
    assert {key for key, (state, _) in found.items() if state == "kept"} == {"in/a.jsonl#1", "in/link.jsonl#1"}
    reasons = {key: reason for key, (state, reason) in found.items() if state == "unreadable"}
    assert "a link to a directory, which is not followed" in reasons["in/elsewhere"]
    assert "a link to a file that does not exist" in reasons["in/gone.txt"]
    assert "a pipe" in reasons["in/pipe.txt"]
    assert "nested too deeply" in reasons["in/sub/deep.jsonl#1"]
    assert reasons.keys() == {"in/circle", "in/elsewhere", "in/gone.txt", "in/pipe.txt", "in/sub/deep.jsonl#1"}


@contextmanager
def without_privileges() -> Iterator[None]:
    """Run the block as nobody where the tests run as root, who may open everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_directory_or_a_listing_that_cannot_be_opened_is_in_the_ledger() -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        write_rows(directory / "a.jsonl", {"text": text("hi")})
        write_rows(directory / "closed" / "b.jsonl", {"text": text("ur")})
        listing = write_rows(directory / "urls.jsonl", {"url": "https://hi.example/", "role": "document"})
        (directory / "closed").chmod(0o000)
        listing.chmod(0o000)
        with without_privileges():
            records = {record.key.partition("/")[2]: record for record in read_inputs([directory])}
            with pytest.raises(InputError, match=r"closed/b\.jsonl: Permission denied"):
                list(read_inputs([directory / "closed" / "b.jsonl"]))
        (directory / "closed").chmod(0o755)
    failures = {key: record.failure.reason for key, record in records.items() if record.failure}
    assert records.keys() == {"a.jsonl#1", "closed", "urls.jsonl"}
    assert failures["closed"] == "the directory cannot be read: Permission denied; change its permissions"
    assert "Permission denied" in failures["urls.jsonl"]
    assert records["a.jsonl#1"].page is not None


def test_an_output_that_would_replace_an_input_is_refused(corpus: Path, tmp_path: Path) -> None:
    before = digests(tmp_path)
    table = next((corpus / "data").rglob("*.parquet"))
    (tmp_path / "symbolic.parquet").symlink_to(table)
    (tmp_path / "hard.parquet").hardlink_to(table)
    (tmp_path / "same").symlink_to(corpus)
    for path in (table, tmp_path / "symbolic.parquet", tmp_path / "hard.parquet", corpus / "originals"):
        for output in (corpus, tmp_path / "same"):
            with pytest.raises(InputError, match="would be replaced: name another output"):
                build([path], output, settings=IN_PROCESS)
    (tmp_path / "symbolic.parquet").unlink()
    (tmp_path / "hard.parquet").unlink()
    (tmp_path / "same").unlink()
    assert digests(tmp_path) == before


def test_an_output_inside_an_input_is_refused_and_one_above_it_is_not(tmp_path: Path) -> None:
    directory = tmp_path / "out" / "capture"
    write_rows(directory / "a.jsonl", {"text": text("hi")})
    (tmp_path / "link").symlink_to(directory)
    for output in (directory, directory / "corpus", tmp_path / "link" / "corpus"):
        with pytest.raises(InputError, match=r"is in the input .*: name another output"):
            build([directory], output, settings=IN_PROCESS)
        with pytest.raises(InputError, match="is in the input"):
            deduplicate([directory], output, settings=AS_IT_IS, options=DedupeOptions())
    assert build([directory], tmp_path / "out", settings=IN_PROCESS).documents == 1
    assert [path.name for path in directory.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("name", ["a\0b", "a" * 5_000, "loop"])
def test_a_path_that_can_lead_nowhere_is_an_input_that_does_not_exist(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InputError):
        build([tmp_path / name], tmp_path / "out", settings=IN_PROCESS)


def test_a_corpus_below_an_input_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"out is a corpus: name .*/data, or the files"):
        build([corpus.parent], tmp_path.parent / f"{tmp_path.name}-other", settings=IN_PROCESS)


@pytest.mark.parametrize("name", ["data", "manifest.json", "README.md", "ledger"])
def test_a_file_of_somebody_else_s_in_the_output_is_not_replaced(tmp_path: Path, name: str) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / name).write_text('{"mine": 1}', encoding="utf-8")
    (output / "notes.txt").write_text("mine", encoding="utf-8")
    inputs = [write_rows(tmp_path / "in.jsonl", *good_rows())]
    with pytest.raises(OutputError, match=rf"{name} would be replaced, and saaf did not write it"):
        build(inputs, output, settings=IN_PROCESS)
    assert {path.name: path.read_text(encoding="utf-8") for path in output.iterdir()} == {
        name: '{"mine": 1}',
        "notes.txt": "mine",
    }
    (output / name).unlink()
    build(inputs, output, settings=IN_PROCESS)
    assert build(inputs, output, settings=IN_PROCESS).documents == 5, "a corpus of ours is replaced"
    assert (output / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_an_index_is_no_place_for_a_corpus(tmp_path: Path) -> None:
    inputs = [write_rows(tmp_path / "in.jsonl", *good_rows())]
    options = DedupeOptions(index=tmp_path / "seen")
    deduplicate(inputs, tmp_path / "out", settings=AS_IT_IS, options=options)
    before = digests(tmp_path / "seen")
    for output in (tmp_path / "seen", tmp_path / "seen" / "out"):
        with pytest.raises(InputError, match="is in the index"):
            deduplicate(inputs, output, settings=AS_IT_IS, options=options)
    with pytest.raises(OutputError, match=r"manifest\.json would be replaced"):
        build(inputs, tmp_path / "seen", settings=IN_PROCESS)
    assert digests(tmp_path / "seen") == before


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes in the block, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kilobytes", [2, 8])
def test_a_full_disk_leaves_the_older_corpus(corpus: Path, tmp_path: Path, kilobytes: int) -> None:
    before = digests(corpus)
    with file_size_limit(kilobytes << 10), pytest.raises(OSError, match="File too large"):
        build([tmp_path / "good.jsonl"], corpus, settings=IN_PROCESS)
    assert digests(corpus) == before
    assert [path.name for path in corpus.iterdir() if path.name.startswith(".")] == [WORK]
    assert build([tmp_path / "good.jsonl"], corpus, settings=IN_PROCESS).documents == 5
