"""Rights in a crawl: the columns of the corpus as the site stated them, and what SAAF_RIGHTS=skip leaves out."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.corpora import corpus_rows
from tests.integration.server import Answer, Crawl, Server, article, crawl, html, links, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROBOTS = """\
License: https://terms.example/rsl.xml
User-agent: *
Content-Usage: /mill train-ai=n
Content-Signal: search=yes

User-agent: somebot
Content-Usage: train-ai=n
"""
TDMREP = [{"location": "/ferry*", "tdm-reservation": 1, "tdm-policy": "https://terms.example/p.json"}]
NOAI = '<meta name="robots" content="index, noai">'


def site(base: str) -> dict[str, Answer]:
    return {
        "/robots.txt": Answer(body=ROBOTS.encode(), headers={"Content-Type": "text/plain"}),
        "/.well-known/tdmrep.json": Answer(
            body=json.dumps(TDMREP).encode(), headers={"Content-Type": "application/json"}
        ),
        "/": html(links("/tide", "/mill", "/ferry/one", "/choir")),
        "/tide": Answer(
            body=article("tide", head="<link rel=license href=https://creativecommons.org/licenses/by/4.0/>"),
            headers={"Content-Type": "text/html", "Content-Usage": "train-ai=y", "X-Robots-Tag": "otherbot: noai"},
        ),
        "/mill": html(article("mill")),
        "/ferry/one": html(article("ferry")),
        "/choir": html(article("choir", head=NOAI)),
    }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Crawl]]:
    with serving(site) as server:
        output = tmp_path_factory.mktemp("recorded")
        yield server, crawl("web", "-a", f"start={server.base}/", output=output, SAAF_TDMREP=1)


@pytest.fixture(scope="module")
def skipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Crawl]]:
    with serving(site) as server:
        output = tmp_path_factory.mktemp("skipped")
        yield server, crawl("web", "-a", f"start={server.base}/", output=output, SAAF_TDMREP=1, SAAF_RIGHTS="skip")


def rows(done: Crawl, server: Server) -> dict[str, dict[str, object]]:
    table = corpus_rows(done.output, "documents")
    return {row["url"].removeprefix(server.base): row for row in table}


def test_the_corpus_says_what_was_stated_when_the_page_was_fetched(recorded: tuple[Server, Crawl]) -> None:
    server, done = recorded
    assert done.code == 0, done.stderr
    found = rows(done, server)
    assert {path: row["rights_train"] for path, row in found.items()} == {
        "/tide": "allowed",
        "/mill": "reserved",
        "/ferry/one": "reserved",
        "/choir": "reserved",
    }
    assert {row["rights_search"] for row in found.values()} == {"allowed"}
    assert found["/tide"]["rights_licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["/mill"]["rights_licence"] == "https://terms.example/rsl.xml"
    assert found["/tide"]["rights_signals"] == [
        "link rel=license: https://creativecommons.org/licenses/by/4.0/",
        "header Content-Usage: train-ai=y",
        "robots.txt Content-Signal: search=yes",
        "robots.txt License: https://terms.example/rsl.xml",
    ]
    assert "robots.txt Content-Usage: /mill train-ai=n" in found["/mill"]["rights_signals"]  # type: ignore[operator]
    policy = "tdmrep.json: /ferry* tdm-reservation=1 tdm-policy=https://terms.example/p.json"
    assert policy in found["/ferry/one"]["rights_signals"]  # type: ignore[operator]
    assert "meta robots: index, noai" in found["/choir"]["rights_signals"]  # type: ignore[operator]


def test_tdmrep_json_is_asked_for_once_and_is_no_document(recorded: tuple[Server, Crawl]) -> None:
    server, done = recorded
    assert server.asked.count("/.well-known/tdmrep.json") == 1
    url = f"{server.base}/.well-known/tdmrep.json"
    assert done.ledger()[url] == ("discovery", "not_content", "tdmrep.json")


def test_the_report_counts_rights_by_host(recorded: tuple[Server, Crawl], skipped: tuple[Server, Crawl]) -> None:
    figures = [json.loads((done.output / "report" / "report.json").read_text()) for _, done in (recorded, skipped)]
    totals = [each["rights"]["top"] for each in figures]
    keys = ("name", "skipped", "train_reserved", "train_allowed", "licensed")
    assert [[tuple(one[key] for key in keys) for one in own] for own in totals] == [
        [("127.0.0.1", 0, 3, 1, 4)],
        [("127.0.0.1", 3, 0, 1, 1)],
    ]
    assert "Training reserved" in (recorded[1].output / "report" / "report.html").read_text()


def test_skip_asks_for_nothing_that_the_files_of_the_site_reserve(skipped: tuple[Server, Crawl]) -> None:
    server, done = skipped
    assert done.code == 0, done.stderr
    assert {"/mill", "/ferry/one"}.isdisjoint(server.asked)
    assert set(rows(done, server)) == {"/tide"}
    ledger = {url.removeprefix(server.base): line for url, line in done.ledger().items()}
    reserved = {path: reason for path, (_, state, reason) in ledger.items() if state == "rights_reserved"}
    said = "its publisher reserves it from training"
    assert reserved == {
        "/mill": f"{said} (robots.txt Content-Usage: /mill train-ai=n)",
        "/ferry/one": f"{said} (tdmrep.json: /ferry* tdm-reservation=1 tdm-policy=https://terms.example/p.json)",
        "/choir": f"{said} (meta robots: index, noai)",
    }


def test_a_site_that_reserves_everything_is_asked_for_its_files_alone(tmp_path: Path) -> None:
    def reserved(base: str) -> dict[str, Answer]:
        return {**site(base), "/robots.txt": Answer(body=b"User-agent: *\nContent-Signal: ai-train=no\n")}

    with serving(reserved) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path, SAAF_RIGHTS="skip", SAAF_TDMREP=1)
        assert set(server.asked) == {"/robots.txt", "/.well-known/tdmrep.json"}
    assert done.states()[f"{server.base}/"] == "rights_reserved"


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = crawl("web", "-a", "start=http://127.0.0.1:9/", output=tmp_path, SAAF_RIGHTS="ignore")
    assert done.code == 2
    assert "SAAF_RIGHTS is record" in done.stderr


def test_a_crawl_that_is_started_again_does_not_ask_for_tdmrep_json_again(tmp_path: Path) -> None:
    with serving(site) as server:
        for _ in range(2):
            arguments = ("web", "-a", f"start={server.base}/tide")
            assert crawl(*arguments, output=tmp_path, SAAF_TDMREP=1, SAAF_BUILD=0).code == 0
        assert server.asked.count("/.well-known/tdmrep.json") == 1
    lines = (tmp_path / "capture" / ".rights.jsonl").read_text().split()
    assert any("tdmrep.json" in line for line in lines)


def test_a_bad_tdmrep_json_costs_no_page(tmp_path: Path) -> None:
    json_type = {"Content-Type": "application/json"}
    bomb = gzip.compress(b'[{"location": "/", "tdm-reservation": 1},' + b" " * 50_000_000)
    answers = {
        "silent": Answer(wait=600.0),
        "bomb": Answer(body=bomb, headers={**json_type, "Content-Encoding": "gzip"}),
        "huge": Answer(body=b"[" + b" " * 3_000_000, headers=json_type),
        "cut": Answer(body=b'[{"location"', headers=json_type, cut=True),
        "circle": Answer(status=302, headers={"Location": "/.well-known/tdmrep.json"}),
        "front": Answer(status=302, headers={"Location": "/"}),
        "error": Answer(status=503),
        "binary": Answer(body=bytes(range(256)), headers={"Content-Type": "image/png"}),
    }
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                serving(
                    lambda _, bad=bad, name=name: {  # type: ignore[misc]  # the names of one turn of the loop
                        "/.well-known/tdmrep.json": bad,
                        "/page": html(article("tide", body=f"<p>On {name}.</p>")),
                    },
                    address=f"127.0.0.{number}",
                )
            )
            for number, (name, bad) in enumerate(answers.items(), start=2)
        ]
        starts = ",".join(f"{server.base}/page" for server in servers)
        options = ("-s", "SAAF_RIGHTS=skip", "-s", "SAAF_BUILD=0")
        done = crawl("web", "-a", f"start={starts}", *options, output=tmp_path, DOWNLOAD_TIMEOUT=3, SAAF_TDMREP=1)
        states = done.states()
        for name, server in zip(answers, servers, strict=True):
            assert states[f"{server.base}/page"] == "document", name
            asked = server.asked.count("/.well-known/tdmrep.json")
            assert 1 <= asked <= (4 if name == "circle" else 1), name
            assert "/" not in server.asked, "a redirect to the front page is not followed"
    assert done.code == 0, done.stderr
    assert "Traceback" not in done.stderr
