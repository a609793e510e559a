"""Rights in a crawl: the columns of the corpus as the site stated them, and what SAAF_RIGHTS=skip leaves out."""

from __future__ import annotations

import gzip
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from saaf.cleaning.types import Page
from saaf.corpus.build import build
from saaf.corpus.inspection.diff import diff_corpora
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter
from saaf.corpus.warc_reader import read_warc
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


TO_ONE_BOT = b"User-agent: nc\nContent-Signal: ai-train=no\nDisallow: /private/\n"
"""A robots.txt that reserves training, addressed to the bot of the test by its name."""


def site_for_one_bot(base: str) -> dict[str, Answer]:
    return {
        "/robots.txt": Answer(body=TO_ONE_BOT, headers={"Content-Type": "text/plain"}),
        "/": html(links("/tide", "/mill", "/private/ferry")),
        "/tide": html(article("tide")),
        "/mill": html(article("mill")),
        "/private/ferry": html(article("ferry")),
    }


def rebuild(capture: Path, output: Path, **settings: object) -> Path:
    build([capture], output, settings=BuildSettings(workers=0, **settings))  # type: ignore[arg-type]
    return output


def column(output: Path, name: str) -> list[object]:
    return [row[name] for row in corpus_rows(output, "documents")]


def test_what_is_reserved_from_a_bot_by_name_stays_so_when_its_capture_is_built_again(tmp_path: Path) -> None:
    agent = "nc (+https://example.org/nc)"
    with serving(site_for_one_bot) as server:
        done = crawl("web", "-a", f"start={server.base}/", output=tmp_path / "own", USER_AGENT=agent)
        assert done.code == 0, done.stderr
        assert "/private/ferry" not in server.asked
    own = tmp_path / "own"
    assert column(own, "rights_train") == ["reserved", "reserved"]
    again = rebuild(own / "capture", tmp_path / "again")
    assert (column(again, "rights_train"), column(again, "dump")) == (["reserved"] * 2, ["web"] * 2)
    assert column(own, "dump") == ["web", "web"]
    settings = json.loads((again / "manifest.json").read_text())["settings"]
    assert settings == json.loads((own / "manifest.json").read_text())["settings"]
    assert (settings["agent"], settings["dump"]) == ("saaf nc", "web")

    # A copy without the record of the crawl is another's capture: who builds it says the name.
    copy = tmp_path / "copy"
    copy.mkdir()
    with WarcWriter(copy / "x.warc.gz", info=(("software", "another crawler"),)) as writer:
        for archive in (own / "capture").glob("*.warc.gz"):
            for page in read_warc(archive):
                if isinstance(page, Page):
                    writer.write(page)
    theirs = rebuild(copy, tmp_path / "theirs")
    assert (column(theirs, "rights_train"), column(theirs, "dump")) == ([None] * 2, ["saaf"] * 2)
    named = rebuild(copy, tmp_path / "named", agent="NC")
    assert column(named, "rights_train") == ["reserved", "reserved"]
    found = diff_corpora(named, theirs)
    assert (found.rights_changed, found.rights) == (2, {"training reserved -> unstated": 2})

    # With others among the inputs, each document has what its own capture says.
    mixed = tmp_path / "mixed"
    build([own / "capture", copy], mixed, settings=BuildSettings(workers=0))
    rows = corpus_rows(mixed, "documents")
    assert {(row["file_path"].startswith("capture"), row["dump"]) for row in rows} <= {(True, "web"), (False, "saaf")}


def test_a_fresh_capture_holds_the_rights_files_that_its_corpus_depends_on(tmp_path: Path) -> None:
    tdmrep = "/.well-known/tdmrep.json"
    with serving(site) as server:
        arguments = ("web", "-a", f"start={server.base}/ferry/one")
        for is_fresh in (0, 1):
            done = crawl(*arguments, output=tmp_path, SAAF_TDMREP=1, SAAF_BUILD=0, SAAF_FRESH=is_fresh)
            assert done.code == 0, done.stderr
        assert (server.asked.count(tdmrep), server.asked.count("/robots.txt")) == (2, 2)
        for capture in ("capture", "capture.1"):
            assert column(rebuild(tmp_path / capture, tmp_path / f"of-{capture}"), "rights_train") == ["reserved"]

        # The cache without the capture that it goes with: the answer is asked for again.
        cache = (tmp_path / "capture" / ".rights.jsonl").read_bytes()
        other = tmp_path / "other"
        (other / "capture").mkdir(parents=True)
        (other / "capture" / ".rights.jsonl").write_bytes(cache)
        assert crawl(*arguments, output=other, SAAF_TDMREP=1).code == 0
        assert server.asked.count(tdmrep) == 3
        assert column(other, "rights_train") == ["reserved"]
