"""`saaf crawl` from any directory: what it makes, how it ends, what it says; `scrapy check` on a live site."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from saaf.atomic_files import BusyError, exclusive_lock
from saaf.corpus.exit_codes import Exit
from tests.corpora import corpus_rows, corpus_table
from tests.integration import preloaded
from tests.integration.server import QUICK, ROOT, SENTENCES, Answer, Server, article, environment, html, links, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("tide", "mill", "ferry", "choir")
ADDRESS = "desk@choir-of-the-harbour.org"
SETTINGS = [word for name, value in QUICK.items() for word in ("-s", f"{name}={value}")]
SPIDER = """\
from saaf.crawler.spiders.site import SiteSpider


class OwnSpider(SiteSpider):
    name = "own"
    start_urls = ["{base}/"]
    article = r"/news/"

    def parse(self, response, **arguments):
        '''Yield what a page has.

        @saaf_article {base}/news/tide repaired by forty people
        '''
        return super().parse(response, **arguments)

    def parse_wrongly(self, response):
        '''Yield nothing of an article.

        @saaf_article {base}/news/mill words that it does not have
        '''
        return super().parse(response)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    answers = {f"/news/{name}": html(article(name)) for name in NAMES}
    letter = f"<p>{SENTENCES['choir']} Write to {ADDRESS} for a place on the list of those who sing.</p>"
    answers["/news/choir"] = html(article("choir", body=letter))
    lonely = {"/lonely": Answer(body=b"%PDF-1.7\n\x00\x01", headers={"Content-Type": "application/pdf"})}
    with serving(lambda _: {"/": html(links(*answers)), **answers, **lonely}) as running:
        yield running


def saaf(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run("saaf.cli.app", *arguments, cwd=cwd)


def run(module: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return preloaded.run(module, *arguments, cwd=cwd, environment=environment() | variables)


def test_a_crawl_from_anywhere_makes_a_corpus_and_a_feed_and_says_little(server: Server, tmp_path: Path) -> None:
    done = saaf("crawl", f"{server.base}/", "-o", "corpus", "-O", "a.jsonl", *SETTINGS, cwd=tmp_path)
    assert done.returncode == Exit.DONE, done.stderr
    assert corpus_table(tmp_path / "corpus", "documents").num_rows == 4
    assert len((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    assert done.stdout.splitlines()[-1] == "report      corpus/report/report.html"
    lines = done.stderr.splitlines()
    starts = [re.sub(r"^\S+ \S+ ", "", line).split()[:3] for line in lines]
    assert [start[0::2] for start in starts] == [["INFO:", "crawl"], ["INFO:", "responses"], ["INFO:", "jsonl"]]
    assert "4 documents; 0 left out" in lines[1]
    counts = re.findall(r"(\d+) responses|inputs +(\d+)", lines[1] + done.stdout)
    assert len({count for each in counts for count in each if count}) == 1, "log, capture and ledger agree"
    shown = saaf("status", "corpus", "--json", cwd=tmp_path)
    status = json.loads(shown.stdout)
    assert (status["states"]["document"], status["is_running"], status["finish_reason"]) == (4, False, "finished")
    assert "not running (finished); 4 documents" in saaf("status", "corpus", cwd=tmp_path).stdout


KEEP = ("--keep", "*.photo_credit")
OPTIONS = (*KEEP, "--language", "en", "--language", "hi", "--redact", "email", "--max-lost", "0.9")


def test_options_of_a_build_hold_for_the_corpus_of_a_crawl(server: Server, tmp_path: Path) -> None:
    words = ("crawl", f"{server.base}/", "-o", "corpus", *SETTINGS)
    options = ("--redact", "email", "--min-words", "5", "--max-lost", "0.9", "--threshold", "0.8")
    done = saaf(*words, *options, "-O", "a.jsonl", cwd=tmp_path)
    assert done.returncode == Exit.DONE, done.stderr
    settings = json.loads((tmp_path / "corpus" / "manifest.json").read_bytes())["settings"]
    assert (settings["redact"], settings["min_tokens"], settings["dedupe"]["threshold"]) == (["email"], 5, 0.8)
    assert settings["max_lost"] == 0.9
    feed = [json.loads(line)["text"] for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    corpus = [row["text"] for name in ("documents", "originals") for row in corpus_rows(tmp_path / "corpus", name)]
    assert ADDRESS not in "".join(feed + corpus)
    assert sum("Write to email@example.com for a place" in text for text in feed) == 1
    # What the build could not use is said before anything is requested.
    asked = len(server.asked)
    wrong = saaf(*words, "--fresh", "--quality-filter", "gofer", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (Exit.USAGE, 1), wrong.stderr
    assert wrong.stderr.startswith("saaf: the build after the crawl: ")
    (tmp_path / "saaf.toml").write_text('language = ["hindustani"]\n', encoding="utf-8")
    wrong = saaf(*words, "--fresh", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (Exit.CONFIGURATION, 1), wrong.stderr
    assert wrong.stderr.startswith("saaf: saaf.toml: language cannot be used: ")
    wrong = saaf(*words, "-s", 'SAAF_BUILD_OPTIONS={"languag": ["hi"]}', cwd=tmp_path)
    assert "SAAF_BUILD_OPTIONS has the key 'languag', which is none: did you mean language" in wrong.stderr
    assert len(server.asked) == asked


def test_a_spider_in_a_file_needs_no_project(server: Server, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(SPIDER.format(base=server.base), encoding="utf-8")
    done = saaf("crawl", "--spider", "own.py", "-o", "corpus", "--no-build", *OPTIONS, *SETTINGS, cwd=tmp_path)
    assert done.returncode == Exit.DONE, done.stderr
    assert f"saaf build corpus/capture -o corpus {shlex.join(OPTIONS)} builds the corpus" in done.stdout
    assert not (tmp_path / "corpus" / "data").exists()
    urls = (tmp_path / "corpus" / "capture" / "urls.jsonl").read_text(encoding="utf-8")
    assert urls.count('"document"') == 4


def test_a_limit_and_an_unanswered_crawl_have_their_codes(server: Server, tmp_path: Path) -> None:
    few = ("--max-pages", "1", "-s", "CONCURRENT_REQUESTS=1")
    limited = saaf("crawl", f"{server.base}/", "-o", "few", *SETTINGS, *few, cwd=tmp_path)
    assert limited.returncode == Exit.LIMIT, limited.stderr
    assert "CLOSESPIDER_PAGECOUNT); the same command goes on" in limited.stderr
    assert "the crawl found no document (4 URLs are not fetched yet; " in limited.stderr
    assert [line.split()[0] for line in limited.stdout.splitlines()] == ["capture", "report"], "no row of zeros"
    ledger = corpus_rows(tmp_path / "few", "ledger")
    assert sum(row["state"] == "pending" for row in ledger) == 4
    with serving(lambda _: {}) as gone:
        base = gone.base
    done = saaf("crawl", f"{base}/", "-o", "none", *SETTINGS, "-s", "RETRY_ENABLED=0", cwd=tmp_path)
    assert done.returncode == Exit.NOTHING_FETCHED, done.stderr
    assert "the host refused the connection" in done.stderr


def test_defaults_of_a_crawl_stand_in_saaf_toml_and_options_precede_them(server: Server, tmp_path: Path) -> None:
    agent = "harbour-crawler/2 (+https://www.example.org/harbour)"
    lines = ["[crawl]", f'user_agent = "{agent}"', "max_pages = 1", "[crawl.settings]", "CONCURRENT_REQUESTS = 1"]
    (tmp_path / "saaf.toml").write_text("\n".join([*lines, 'SAAF_REVISIT = "nothing"', ""]), encoding="utf-8")
    without_agent = [one for one in SETTINGS if not one.startswith("USER_AGENT=")]
    settings = [one for pair in zip(SETTINGS[::2], SETTINGS[1::2], strict=True) if pair[1] in without_agent
                for one in pair]  # fmt: skip
    limited = saaf("crawl", f"{server.base}/", "-o", "few", *settings, cwd=tmp_path)
    assert limited.returncode == Exit.LIMIT, limited.stderr
    warc = b"".join(gzip.decompress(path.read_bytes()) for path in (tmp_path / "few").rglob("*.warc.gz"))
    assert f"User-Agent: {agent}".encode() in warc
    whole = saaf("crawl", f"{server.base}/", "-o", "few", "--max-pages", "0", "--no-build", *settings, cwd=tmp_path)
    assert whole.returncode == Exit.DONE, whole.stderr
    (tmp_path / "saaf.toml").write_text("[crawl]\ndepht = 3\n", encoding="utf-8")
    wrong = saaf("crawl", f"{server.base}/", "-o", "few", *settings, cwd=tmp_path)
    assert (wrong.returncode, "did you mean depth" in wrong.stderr) == (Exit.CONFIGURATION, True)


def test_an_output_in_use_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out" / "capture").mkdir(parents=True)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    busy = BusyError("the test holds it")
    with exclusive_lock(tmp_path / "out" / "capture", busy):
        done = saaf("crawl", "http://127.0.0.1:9/", "-o", "out", *SETTINGS, cwd=tmp_path)
    assert done.returncode == Exit.OUTPUT
    assert done.stderr == "saaf: another crawl is writing to out/capture: wait for it, or choose another output\n"
    assert done.stdout == ""
    blocked = saaf("crawl", "http://127.0.0.1:9/", "-o", "file", *SETTINGS, cwd=tmp_path)
    assert (blocked.returncode, blocked.stderr.count("\n")) == (Exit.OUTPUT, 1)
    assert blocked.stderr.startswith("saaf: the capture could not be written: file/capture: Not a directory; ")


def test_sigterm_ends_a_crawl_in_order_and_builds_nothing(server: Server, tmp_path: Path) -> None:
    asked = len(server.asked)
    slow = ("-s", "DOWNLOAD_DELAY=0.5", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    words = ("crawl", f"{server.base}/", "-o", "out", *SETTINGS, *slow)
    process = preloaded.Command("saaf.cli.app", *words, cwd=tmp_path, environment=environment())
    deadline = time.monotonic() + 60
    while len(server.asked) < asked + 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    stdout, stderr = process.communicate()
    assert process.returncode == Exit.TERMINATED, stderr
    assert "saaf: the crawl was asked to end; the same command goes on where it ended" in stderr
    assert "Traceback" not in stderr
    assert "not built" in stdout
    assert (tmp_path / "out" / "capture" / "urls.jsonl").is_file()


def test_on_a_terminal_there_is_a_panel_under_the_log(server: Server, tmp_path: Path) -> None:
    slow = ("-s", "DOWNLOAD_DELAY=0.4", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "--no-build")
    command = [sys.executable, "-m", "saaf.cli.app", "crawl", f"{server.base}/", "-o", "out", *SETTINGS, *slow]
    parent, child = pty.openpty()
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment() | {"TERM": "xterm", "NO_COLOR": "1"}, stdin=child, stdout=child,
        stderr=child,
    )  # fmt: skip
    os.close(child)
    shown = b""
    while True:
        try:
            shown += os.read(parent, 1 << 16)
        except OSError:  # the terminal is closed
            break
    os.close(parent)
    assert process.wait(timeout=60) == 0
    text = re.sub(r"\x1b\[\d*m", "", shown.decode())
    assert "╭─ saaf crawl ─" in text
    assert "requests under way" in text
    after = text[text.rindex("╭─ saaf crawl") :]
    assert "\x1b[2K" in after, "the panel is erased at the end"
    assert after.index("capture     ") > after.rindex("\x1b[2K"), "and the summary comes after it"


def test_a_spider_that_requests_nothing_says_why(tmp_path: Path) -> None:
    spider = (
        "from saaf.crawler.spiders.site import SiteSpider\n\n\nclass Own(SiteSpider):\n"
        "    name = 'own'\n    allowed_domains = ['127.0.0.1:8000']\n    start_urls = {start}\n"
    )
    for start, reason in (
        (
            ["http://127.0.0.1:8000/"],
            "http://127.0.0.1:8000/: outside the spider's allowed_domains, which are names",
        ),
        ([], "the spider made no request: give it start URLs"),
    ):
        (tmp_path / "own.py").write_text(spider.format(start=start), encoding="utf-8")
        output = tmp_path / f"out-{len(start)}"
        done = run("saaf", "crawl", "--spider", "own.py", "-o", str(output), *SETTINGS, cwd=tmp_path)
        assert done.returncode == Exit.NOTHING_FETCHED
        assert f"the crawl found no document ({reason}" in done.stderr


def test_contracts_of_the_shipped_spider_are_checked_on_the_site(server: Server, tmp_path: Path) -> None:
    ours = {"SCRAPY_SETTINGS_MODULE": "saaf.crawler.settings"}
    good = run("scrapy", "check", "web", "-a", f"start={server.base}/", *SETTINGS, cwd=tmp_path, **ours)
    assert good.returncode == 0, good.stderr
    assert "Ran 1 contract" in good.stderr
    bad = run("scrapy", "check", "web", "-a", f"start={server.base}/lonely", *SETTINGS, cwd=tmp_path, **ours)
    assert bad.returncode == 1
    assert "gave neither a link to follow nor an article" in bad.stderr
    with serving(lambda _: {}) as gone:
        dead = gone.base
    for address, reason in ((dead, "(the host refused the connection)"), (f"{server.base}/none", "HTTP status 404")):
        down = run("scrapy", "check", "web", "-a", f"start={address}", *SETTINGS, cwd=tmp_path, **ours)
        assert down.returncode == 1
        assert reason in down.stderr
        assert "Traceback" not in down.stderr + bad.stderr
    unusable = run("scrapy", "check", "web", "-a", "start=example", *SETTINGS, cwd=tmp_path, **ours)
    assert unusable.returncode == Exit.USAGE
    assert "start=example is not a whole URL" in unusable.stderr
    assert not (tmp_path / "out").exists(), "nothing is captured"


def test_a_contract_may_name_an_article_and_words_of_its_text(server: Server, tmp_path: Path) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").touch()
    (tmp_path / "spiders" / "own.py").write_text(SPIDER.format(base=server.base), encoding="utf-8")
    settings = "from saaf.crawler.settings import *\nSPIDER_MODULES = ['spiders']\n"
    (tmp_path / "project.py").write_text(settings, encoding="utf-8")
    paths = os.pathsep.join([str(ROOT), str(tmp_path)])
    done = run("scrapy", "check", *SETTINGS, cwd=tmp_path, SCRAPY_SETTINGS_MODULE="project", PYTHONPATH=paths)
    assert done.returncode == 1
    assert "Ran 2 contracts" in done.stderr
    assert "FAILED (failures=1)" in done.stderr
    assert "does not hold “words that it does not have”; it begins: The mill" in done.stderr
