"""A second crawl never takes away what the first one captured, whatever it meets."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from saaf.atomic_files import PARTIAL
from saaf.cleaning.types import Page
from saaf.corpus.crawl_frontier import FRONTIER
from saaf.corpus.exit_codes import Exit
from saaf.corpus.readers import read_inputs
from saaf.corpus.warc import WarcWriter
from saaf.corpus.warc_reader import read_warc
from saaf.crawler.capture.directory import RECORDS, URLS, claim_directory, live_directory, set_aside
from tests.corpora import corpus_rows
from tests.integration.server import (
    Answer,
    Server,
    article,
    crawl,
    html,
    links,
    serving,
    start_crawl,
)
from tests.integration.test_crawl_replay import HOST, html_type, manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEGMENT = "records-00000.warc.gz"
NAMES = ("tide", "mill", "ferry", "choir")


def digests(directory: Path) -> dict[str, str]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path.relative_to(directory).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def documents(output: Path) -> list[str]:
    return [row["url"] for row in corpus_rows(output, "documents")]


def pages(path: Path) -> list[str | None]:
    return [record.url for record in read_warc(path) if isinstance(record, Page)]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A site of four articles that was crawled and built once; the tests follow one another."""
    output = tmp_path_factory.mktemp("crawled")
    answers = {f"/news/{name}": html(article(name)) for name in NAMES}
    with serving(lambda _: {"/": html(links(*answers)), **answers}) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=output)
        assert done.code == 0, done.stderr
        assert len(documents(output)) == 4
        yield server, output


def grown(directory: Path, before: dict[str, bytes]) -> bool:
    """Return whether each WARC file begins with what it held before."""
    return all((directory / name).read_bytes().startswith(content) for name, content in before.items())


def archives(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.glob("*.warc.gz")}


def test_a_crawl_of_a_dead_site_leaves_capture_and_corpus_and_says_so(crawled: tuple[Server, Path]) -> None:
    server, output = crawled
    before, corpus = archives(output / "capture"), documents(output)
    answers, server.answers = server.answers, {}
    done = crawl("web", "-a", f"start={server.base}/", output=output)
    server.answers = answers
    assert done.code == Exit.INPUT
    assert f"saaf: the crawl found no document ({server.base}/: HTTP status 404" in done.stderr
    assert re.search(r"adds no document, and the corpus of \d{4}-\d\d-\d\d \d\d:\d\d UTC in .* stays", done.stderr)
    assert f"4 of earlier runs, none of this one, in {output / 'data'}" in done.stdout
    assert "inputs " not in done.stdout
    assert grown(output / "capture", before)
    assert documents(output) == corpus
    assert pages(output / "capture" / SEGMENT).count(f"{server.base}/") == 2


def test_an_interrupted_crawl_adds_what_it_has_to_what_was_there(crawled: tuple[Server, Path]) -> None:
    server, output = crawled
    before, corpus, answers = archives(output / "capture"), documents(output), server.answers
    slow = {path: Answer(body=answer.body, headers=answer.headers, wait=5) for path, answer in answers.items()}
    new = html(article("tide", body="<p>The gauge has a new paragraph, of the second crawl.</p>"))
    server.answers = slow | {"/": answers["/"], "/news/tide": new}
    asked = len(server.asked)
    settings: dict[str, Any] = {"DOWNLOAD_TIMEOUT": 3, "RETRY_ENABLED": 0, "SAAF_REVISIT": "articles"}
    process = start_crawl("web", "-a", f"start={server.base}/", output=output, **settings)
    deadline = time.monotonic() + 60
    while len(server.asked) < asked + 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate()
    server.answers = answers
    assert process.returncode == Exit.INTERRUPTED, stderr
    assert "the same command goes on" in stderr
    assert "the crawl: shutdown" in stdout
    assert grown(output / "capture", before)
    assert documents(output) == corpus
    rows = corpus_rows(output, "documents")
    (tide,) = (row for row in rows if row["url"].endswith("/news/tide"))
    assert "of the second crawl" in tide["text"]
    assert tide["file_path"] == f"capture/{SEGMENT}"


def test_a_capture_of_an_older_version_stays_and_is_read(crawled: tuple[Server, Path], tmp_path: Path) -> None:
    server, output = crawled
    old = tmp_path / "capture"
    (old / "2").mkdir(parents=True)
    whole = (output / "capture" / SEGMENT).read_bytes()
    (old / RECORDS).write_bytes(whole)
    shutil.copy(output / "capture" / URLS, old)
    (old / "2" / f"{RECORDS}{PARTIAL}").write_bytes(whole[: len(whole) - 100])  # of one that was killed
    before = digests(old)
    for _ in range(2):
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_BUILD=0)
        assert done.code == 0, done.stderr
    assert digests(old).items() >= before.items()
    records = [record for record in read_inputs([old]) if record.page is not None]
    per_crawl = Counter(record.file_path for record in records)
    assert per_crawl.keys() == {f"capture/{RECORDS}", f"capture/2/{RECORDS}{PARTIAL}", f"capture/3/{SEGMENT}"}
    assert per_crawl[f"capture/3/{SEGMENT}"] == 4


def saved_pages(directory: Path, *names: str) -> Path:
    directory.mkdir(exist_ok=True)
    for name in names:
        (directory / f"{name}.html").write_bytes(article(name))
    (directory / "front.html").write_text(links(*(f"/{name}" for name in names)), encoding="utf-8")
    entries = [("/", "front.html", html_type()), *((f"/{name}", f"{name}.html", html_type()) for name in names)]
    (directory / "manifest.toml").write_text(manifest(*entries), encoding="utf-8")
    return directory


def test_a_replay_replaces_a_replay_and_neither_a_crawl_nor_a_better_replay(tmp_path: Path) -> None:
    fixtures, output = saved_pages(tmp_path / "fixtures", *NAMES), tmp_path / "out"
    with open(os.path.join(os.fsencode(fixtures), b"caf\xe9.html"), "wb") as stream:  # noqa: PTH118, PTH123  # of bytes
        stream.write(article("choir"))
    assert crawl("seeds", output=output, SAAF_FIXTURES=fixtures, SAAF_BUILD=0).code == 0
    first = digests(output)
    assert b"caf\\\\xe9.html" in (output / "capture" / URLS).read_bytes()
    for name in NAMES:
        (fixtures / f"{name}.html").unlink()
    done = crawl("seeds", output=output, SAAF_FIXTURES=fixtures, SAAF_BUILD=0)
    assert done.code == Exit.INPUT
    assert "the earlier one stays" in done.stderr
    assert digests(output) == first
    assert "1 response of this run not kept" in done.stdout
    assert f"{output / 'capture'} has those of the earlier replay" in done.stdout
    assert pages(output / "capture" / RECORDS) == [f"{HOST}/", *(f"{HOST}/{name}" for name in sorted(NAMES))]


def test_a_replay_has_a_directory_of_its_own_and_a_live_crawl_goes_on_in_one(tmp_path: Path) -> None:
    capture = tmp_path / "out" / "capture"
    assert claim_directory(capture) == capture
    with WarcWriter(capture / RECORDS, replay=True):
        pass
    assert claim_directory(capture) == capture
    assert live_directory(capture) == capture / "2"
    (capture / RECORDS).write_bytes(b"WARC/1.1\r\n")
    assert claim_directory(capture) == capture / "2"
    (capture / "2" / FRONTIER).touch()
    assert claim_directory(capture) == capture / "3"
    assert live_directory(capture) == capture / "2"
    assert live_directory(tmp_path / "new") == tmp_path / "new"
    assert set_aside(capture) == tmp_path / "out" / "capture.1"
    assert set_aside(capture) is None
    assert live_directory(capture) == capture
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        claim_directory(tmp_path / "file")
