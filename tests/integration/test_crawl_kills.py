"""SIGKILL at any instant, then the same command again: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from benchmarks.crawl_kills import Process, Result, Site, command, read_result, run_killed, run_whole
from saaf.corpus.ledger import State
from saaf.corpus.readers import read_inputs
from saaf.crawler.frontier.status import read_status
from tests.corpora import corpus_table
from tests.integration import preloaded
from tests.integration.server import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = 60
MORE = {"CONCURRENT_REQUESTS_PER_DOMAIN": 2, "SAAF_WARC_SEGMENT": 20_000}


def start(arguments: list[str]) -> Process:
    _, _, *words = arguments  # `python -m`
    return preloaded.Command(*words, cwd=ROOT, environment=environment())


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Path, Result]]:
    """A site, the output of a crawl that was killed four times and then went on to its end, and an undisturbed one's
    result.
    """
    directory = tmp_path_factory.mktemp("kills")
    site = Site(PAGES, wait=0.02)
    run_whole(command(site, directory / "whole", **MORE), start)
    whole = read_result(directory / "whole", site.base)
    site.asked.clear()
    draw = random.Random(17)
    arguments = command(site, directory / "killed", **MORE)
    for _ in range(4):
        assert not run_killed(arguments, draw.uniform(0, 0.25), site, start)
    status = read_status(directory / "killed")
    assert not status.is_running
    assert status.queued + status.under_way > 0
    states = Counter(
        record.failure.state for record in read_inputs([directory / "killed" / "capture"]) if record.failure
    )
    assert states[State.PENDING] > 0, "a build of a killed crawl says what is missing"
    run_whole([*arguments, "-s", "SAAF_BUILD=1"], start)
    yield site, directory / "killed", whole
    site.close()


def test_ledger_warc_and_corpus_are_those_of_an_undisturbed_crawl(killed: tuple[Site, Path, Result]) -> None:
    site, output, whole = killed
    result = read_result(output, site.base)
    assert result.ledger == whole.ledger
    assert result.digests == whole.digests
    assert set(result.records.values()) == {1}
    urls = corpus_table(output, "documents").column("url").to_pylist()
    assert len(urls) == len(set(urls)) == sum(role == "document" for role, _ in whole.ledger.values())


def test_only_what_was_under_way_is_asked_for_again(killed: tuple[Site, Path, Result]) -> None:
    site, _, _ = killed
    assert sum(site.asked.values()) <= PAGES + 1 + 4 * 2
    assert site.asked["/robots.txt"] == 1


def test_segments_are_numbered_and_whole(killed: tuple[Site, Path, Result]) -> None:
    _, output, _ = killed
    names = sorted(path.name for path in (output / "capture").glob("*.warc.gz"))
    assert names == [f"records-{number:05}.warc.gz" for number in range(len(names))]
    assert len(names) > 1
