"""What a build says of crawls that still run: those that it reads, and those at its output."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from saaf.corpus.crawl_listing import listing_failures
from saaf.corpus.running_crawls import running_crawls_note
from saaf.crawler.frontier.database import NewUrl
from saaf.crawler.frontier.frontier import Frontier

if TYPE_CHECKING:
    from pathlib import Path


def crawl(output: Path, *, pid: int, age: float = 0.0, finish_reason: str | None = None) -> Path:
    """Write the frontier of a crawl by the process `pid`, whose last sign of life is `age` seconds ago."""
    capture = output / "capture"
    capture.mkdir(parents=True)
    frontier = Frontier(capture / "frontier.sqlite")
    frontier.insert(NewUrl(fingerprint=b"1", url="https://a.example/1", host="a.example"))
    frontier.set_meta(pid=pid, node=socket.gethostname(), updated=time.time() - age, finish_reason=finish_reason)
    frontier.commit()
    frontier.close()
    return capture


@pytest.mark.parametrize(
    ("values", "is_running"),
    [({}, True), ({"age": 30.0}, True), ({"age": 90.0}, False), ({"finish_reason": "shutdown"}, False)],
)
def test_a_build_says_that_the_crawl_it_reads_still_runs(
    values: dict[str, object], is_running: bool, tmp_path: Path
) -> None:
    capture = crawl(tmp_path / "out", pid=os.getpid(), **values)  # type: ignore[arg-type]  # as parametrized
    (capture / "records-00000.warc.gz").write_bytes(b"")
    for given in (capture, tmp_path / "out", capture / "records-00000.warc.gz"):
        note = running_crawls_note([given], tmp_path / "corpus")
        assert (note is not None) is is_running
        assert note is None or note.startswith(f"the crawl in {capture} still runs: this corpus has what was captured")
    [(_, failure)] = listing_failures(capture, set(), tmp_path / "work")
    assert (failure.reason == "not fetched yet: the crawl still runs") is is_running


def test_a_build_says_that_a_crawl_may_replace_what_it_writes(tmp_path: Path) -> None:
    capture = crawl(tmp_path / "out", pid=os.getpid())
    (tmp_path / "a.txt").write_text("text", encoding="utf-8")
    note = running_crawls_note([tmp_path / "a.txt"], tmp_path / "out")
    later = "and may replace this corpus when it ends: choose another output to keep both"
    assert note == f"the crawl in {capture} still runs, {later}"


def test_several_crawls_are_one_sentence(tmp_path: Path) -> None:
    crawl(tmp_path / "shard-00-of-02", pid=os.getpid())
    crawl(tmp_path / "shard-01-of-02", pid=os.getpid())
    note = running_crawls_note([tmp_path], tmp_path / "corpus") or ""
    assert note.startswith(f"2 crawls still run, the first in {tmp_path / 'shard-00-of-02' / 'capture'}: this corpus")


def test_no_crawl_is_no_sentence(tmp_path: Path) -> None:
    capture = crawl(tmp_path, pid=2**22 + 1)  # no process can have it
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "frontier.sqlite").write_bytes(b"no database")
    assert running_crawls_note([capture, tmp_path / "bad", tmp_path / "none"], tmp_path / "corpus") is None
