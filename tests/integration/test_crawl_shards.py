"""A crawl in four processes: each host is crawled by one, links travel in outboxes, and a kill loses nothing."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from saaf.cli.commands.status import run_status
from saaf.corpus.build import build
from saaf.corpus.settings import BuildSettings
from saaf.crawler.shards.shards import Shard
from tests.corpora import corpus_table
from tests.integration.server import (
    SENTENCES,
    Answer,
    Server,
    crawl,
    html,
    links,
    serving,
    start_crawl,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration import preloaded

COUNT = 4
HOSTS = [f"127.0.0.{number}" for number in range(2, 10)]


def story(host: str, name: str) -> bytes:
    """Return an article that is like no other host's: its words in an order of its own."""
    words = SENTENCES[name].split()
    turned = [words[(index * (int(host.rpartition(".")[2]) + 5)) % len(words)] for index in range(len(words))]
    paragraphs = "".join(f"<p>{' '.join([*turned[k:], *turned[:k], host, name, str(k)])}.</p>" for k in range(8))
    return f"<html><head><title>{name} of {host}</title></head><body><h1>{name}</h1>{paragraphs}</body></html>".encode()


def foreign(servers: list[Server]) -> str:
    """Return the address of the first server that another process crawls than the first one."""
    shard = Shard(index=0, count=COUNT).owner(servers[0].base)
    return next(server.base for server in servers if not shard.owns(server.base))


def start(shard: Shard, servers: list[Server], output: Path) -> preloaded.Command:
    arguments = [f"start={servers[0].base}/", f"domains={','.join(HOSTS)}", f"shard={shard}"]
    options = [word for argument in arguments for word in ("-a", argument)]
    return start_crawl(
        "web",
        *options,
        output=output,
        USER_AGENT=f"saaf/{shard.index} (+https://example.org/tests)",
        ROBOTSTXT_USER_AGENT="saaf",
    )


def a_round(servers: list[Server], output: Path, *, kill: int | None = None) -> list[str]:
    """Run the four shards at once and return what they print; `kill` one as soon as it has asked for something."""
    shards = [Shard(index=index, count=COUNT) for index in range(COUNT)]
    running = [start(shard, servers, output) for shard in shards]
    if kill is not None:
        deadline = time.monotonic() + 60
        agent = f"saaf/{kill} (+https://example.org/tests)"
        while not any(agent in server.agents for server in servers) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(running[kill].pid, signal.SIGKILL)
        running[kill].communicate()
        running[kill] = start(shards[kill], servers, output)
    printed = []
    for process in running:
        stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr
        printed.append(stdout)
    return printed


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Server], Path, list[str]]:
    """Two rounds over eight hosts, of which one was given: its page leads to the others. One process is killed."""
    output = tmp_path_factory.mktemp("sharded")
    with ExitStack() as stack:
        servers: list[Server] = [stack.enter_context(serving(lambda _: {}, address=host)) for host in HOSTS]
        for server, host in zip(servers, HOSTS, strict=True):
            others = [f"{other.base}/news/{name}" for other in servers for name in ("tide", "mill")]
            server.answers.update({f"/news/{name}": html(story(host, name)) for name in SENTENCES})
            server.answers["/"] = html(links(*others, *(f"/news/{name}" for name in SENTENCES)))
            server.answers["/robots.txt"] = Answer(status=404)
        first = next(server for server in servers)
        first.answers["/"] = html(links(*(f"{server.base}/" for server in servers), "/news/tide", "/moved"))
        first.answers["/moved"] = Answer(status=302, headers={"Location": f"{foreign(servers)}/news/ferry"})
        a_round(servers, output)
        killed = Shard(index=0, count=COUNT).owner(f"{servers[5].base}/").index
        printed = a_round(servers, output, kill=killed)
    return servers, output, printed


def test_each_host_is_asked_by_the_process_that_owns_it(sharded: tuple[list[Server], Path, list[str]]) -> None:
    servers, _, _ = sharded
    anyone = Shard(index=0, count=COUNT)
    for server in servers:
        assert server.agents == {f"saaf/{anyone.owner(server.base).index} (+https://example.org/tests)"}, server.base
    assert len({next(iter(server.agents)) for server in servers}) > 1


def test_the_shards_make_one_corpus_that_lacks_nothing(
    sharded: tuple[list[Server], Path, list[str]], tmp_path: Path
) -> None:
    servers, output, printed = sharded
    assert f"saaf build {output}/shard-*-of-04/capture -o {output}/corpus" in printed[0]
    captures = sorted(output.glob("shard-*/capture"))
    assert len(captures) == COUNT
    build(captures, tmp_path, settings=BuildSettings(workers=1))
    kept = corpus_table(tmp_path, "originals", ["url"])["url"].to_pylist()
    wanted = {f"{server.base}/news/{name}" for server in servers for name in SENTENCES}
    assert set(kept) == wanted - {f"{servers[0].base}/news/{name}" for name in ("choir", "ferry")}
    ledger = corpus_table(tmp_path, "ledger", ["key", "url"])
    keys = ledger["key"].to_pylist()
    assert len(set(keys)) == len(keys), "shards have files of the same names"
    listed = {
        json.loads(line)["url"] for capture in captures for line in (capture / "urls.jsonl").read_text().splitlines()
    }
    assert listed <= set(ledger["url"].to_pylist())


def test_the_status_is_that_of_all_shards_and_of_each(
    sharded: tuple[list[Server], Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, output, _ = sharded
    run_status(output, as_json=True)
    status = json.loads(capsys.readouterr().out)
    assert [shard["shard"] for shard in status["shards"]] == [f"{index}/{COUNT}" for index in range(COUNT)]
    assert status["states"]["document"] == sum(len(read_documents(shard)) for shard in sorted(output.glob("shard-*")))
    assert status["states"]["document"] == sum(shard["states"].get("document", 0) for shard in status["shards"])
    assert {host["host"].partition(":")[0] for host in status["hosts"]} == set(HOSTS)
    run_status(output, as_json=False)
    shown = capsys.readouterr().out
    assert shown.index("3/4") < shown.index("host"), "the shards come first"
    assert f"0 of 4 shards running; {status['states']['document']} documents; " in shown


def read_documents(shard: Path) -> list[str]:
    lines = "".join(path.read_text(encoding="utf-8") for path in shard.glob("capture/**/urls.jsonl"))
    return [line for line in lines.splitlines() if json.loads(line)["role"] == "document"]


def test_a_redirect_to_another_shard_is_in_the_ledger(sharded: tuple[list[Server], Path, list[str]]) -> None:
    servers, output, _ = sharded
    own, other = (Shard(index=0, count=COUNT).owner(url) for url in (servers[0].base, foreign(servers)))
    lines = "".join(path.read_text() for path in own.directory(output).glob("capture/**/urls.jsonl"))
    assert f"it belongs to shard {other}, whose next round requests it" in lines


def test_a_wrong_shard_is_named(tmp_path: Path) -> None:
    done = crawl("web", "-a", "start=http://127.0.0.1:9/", "-a", "shard=16/16", output=tmp_path)
    assert done.code == 2
    assert "K from 0 to N - 1" in done.stderr
