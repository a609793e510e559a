"""Shards: which process a domain belongs to, the argument that says so, and the outbox between them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from saaf.crawler.shards.outbox import Link, Outbox, inbox
from saaf.crawler.shards.shards import MAX_SHARDS, Shard, parse_shard, registered_domain, shard_index

if TYPE_CHECKING:
    from pathlib import Path

FIRST = Shard(index=0, count=4)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("http://user:pw@News.Example.COM.:8080/", "example.com"),
        ("https://someone.github.io/", "github.io"),
        ("https://bücher.example.de/", "example.de"),
        ("https://www.xn--bcher-kva.de/", "xn--bcher-kva.de"),
        ("http://127.0.0.3:8000/a", "127.0.0.3"),
        ("http://[::1]/a", "::1"),
        ("http://localhost/", "localhost"),
        ("http://[bad", ""),
    ],
)
def test_the_registered_domain_is_what_a_registry_sells(url: str, domain: str) -> None:
    assert registered_domain(url) == domain


def test_all_hosts_of_a_domain_are_in_one_shard_that_no_process_draws_anew() -> None:
    urls = ["https://www.example.org/a", "http://example.org:81/b?c", "https://NEWS.example.org/"]
    assert {shard_index(url, 16) for url in urls} == {5}, "written down: a crawl goes on with another version"
    code = "from saaf.crawler.shards.shards import shard_index; print(shard_index('https://www.example.org/a', 16))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "5"


def test_shards_are_of_about_one_size() -> None:
    counts = [0] * 4
    for number in range(4000):
        counts[shard_index(f"https://site{number}.example/", 4)] += 1
    assert min(counts) > 900
    assert max(counts) < 1100


def test_the_argument_counts_from_nought() -> None:
    assert parse_shard(" 3/16 ") == Shard(index=3, count=16)
    assert parse_shard("3/16").name == "shard-03-of-16"
    assert parse_shard("7/1000").name == "shard-0007-of-1000"
    assert parse_shard(f"{MAX_SHARDS - 1}/{MAX_SHARDS}").count == MAX_SHARDS
    for wrong in ("16/16", "-1/4", "1/0", "1", "a/b", f"0/{MAX_SHARDS + 1}", "1/2/3"):
        with pytest.raises(ValueError, match="K from 0 to N - 1"):
            parse_shard(wrong)


def foreign(number: int) -> str:
    """Return a URL that does not belong to `FIRST`."""
    candidates = (f"https://site{k}.example/{number}" for k in range(100))
    return next(url for url in candidates if not FIRST.owns(url))


def test_an_outbox_has_each_link_once_also_over_restarts(tmp_path: Path) -> None:
    url = foreign(1)
    owner = FIRST.owner(url)
    for expected in (True, False):
        outbox = Outbox(FIRST.directory(tmp_path), FIRST)
        assert outbox.add(Link(url=url, depth=2, kind="page")) is expected
        assert outbox.add(Link(url=f"{url}#part", depth=5)) is False
        outbox.close()
    assert list(inbox(tmp_path, owner)) == [Link(url=url, depth=2, kind="page")]
    assert list(inbox(tmp_path, FIRST)) == []


def test_a_line_that_a_kill_cut_short_costs_no_other(tmp_path: Path) -> None:
    url, other = foreign(1), foreign(2)
    owner = FIRST.owner(url)
    outbox = Outbox(FIRST.directory(tmp_path), FIRST)
    outbox.add(Link(url=url, depth=1))
    path = FIRST.directory(tmp_path) / "outbox" / f"{owner.name}.jsonl"
    assert path.read_bytes().endswith(b"\n"), "with the operating system before the page is done"
    outbox.close()
    path.write_bytes(path.read_bytes() + b'{"url": "https://cut')
    again = Outbox(FIRST.directory(tmp_path), FIRST)
    again.add(Link(url=other, depth=1))
    again.close()
    assert [link.url for link in inbox(tmp_path, owner)] == [url, other]
