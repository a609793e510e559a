"""A crawl whose pages are rendered by Chromium, where it is installed: what it gets, and what the pages cannot do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from saaf.corpus.exit_codes import Exit
from saaf.corpus.readers import read_inputs
from tests.integration.server import SENTENCES, Answer, Crawl, Server, article, crawl, environment, html, links, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = "/usr/bin/chromium"
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).is_file() or find_spec("scrapy_playwright") is None, reason="needs Chromium and saaf[browser]"
)
OPTIONS = {"SAAF_BROWSER_PATH": CHROMIUM, "SAAF_BROWSER_SANDBOX": int(os.geteuid() != 0), "SAAF_BUILD": 0}
SHELL = "<html><head><title>Shell</title></head><body><div id=root></div>{}</body></html>"
WRITES = """
const sentence = "%s";
document.getElementById("root").innerHTML =
  Array.from({length: 8}, (_, i) => "<p>" + sentence + " Written by script, paragraph " + i + ".</p>").join("");
window.open("/popup");
new Image().src = "/pixel.png";
fetch("%s/secret").catch(() => {});
new WebSocket("%s/socket".replace("http", "ws"));
"""


def script(code: str) -> Answer:
    return html(SHELL.format(f"<script>{code}</script>"))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Server]:
    """A server on this machine at an address that the crawl may not connect to."""
    with serving(lambda _: {"/secret": html("secret")}) as server:
        yield server


@pytest.fixture(scope="module")
def server(elsewhere: Server) -> Iterator[Server]:
    pages = {
        "/news/made": script(WRITES % (SENTENCES["mill"], elsewhere.base, elsewhere.base)),
        "/news/plain": html(article("tide", body="<script>document.title = 'x'</script>")),
        "/news/leaves": script(f"location.href = '{elsewhere.base}/secret'"),
        "/news/loops": script("for (;;) {}"),
        "/news/grows": script("document.body.innerHTML = 'x'.repeat(3000000)"),
        "/news/waits": html(SHELL.format("<script src=/never.js></script><p>" + SENTENCES["choir"] * 2 + "</p>")),
        "/never.js": Answer(wait=600, headers={"Content-Type": "text/javascript"}),
        "/news/moved": Answer(status=302, headers={"Location": "/news/target"}),
        "/news/outside": Answer(status=302, headers={"Location": f"{elsewhere.base}/secret"}),
        "/news/target": script(WRITES % (SENTENCES["ferry"], elsewhere.base, elsewhere.base)),
    }
    pages["/one"] = html(links("/news/waits"))
    pages["/few"] = html(links("/news/made", "/news/plain", "/news/leaves", "/news/moved"))
    pages["/"] = html(links(*(path for path in pages if path not in ("/few", "/one", "/news/target", "/never.js"))))
    with serving(lambda _: pages) as running:
        yield running


def run_crawl(server: Server, start: str, output: Path, **settings: Any) -> Crawl:
    """Crawl the server's pages."""
    allowed = server.base.removeprefix("http://")
    options: dict[str, Any] = {**OPTIONS, "SAAF_ALLOW_ADDRESSES": allowed, "DOWNLOAD_TIMEOUT": 12, **settings}
    return crawl("web", "-a", f"start={server.base}{start}", output=output, **options)


def run(server: Server, start: str, output: Path, **settings: Any) -> dict[str, tuple[str, str]]:
    """Crawl the server's pages to the end, and return state and reason of each by its path."""
    done = run_crawl(server, start, output, **settings)
    assert done.code == 0, done.stderr
    lines = (output / "capture" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return {
        entry["url"].removeprefix(server.base): (entry["state"] or entry["role"], entry["reason"]) for entry in entries
    }


def documents(output: Path) -> dict[str, list[bytes]]:
    """Return the bodies that are documents, by the end of their URL, in the order in which they came."""
    found: dict[str, list[bytes]] = {}
    for record in read_inputs([output / "capture"]):
        if record.page is not None and record.page.url:
            found.setdefault(record.page.url.rpartition("/")[2], []).append(record.page.body)
    return found


def test_pages_that_are_empty_are_fetched_again_with_the_browser(
    server: Server, elsewhere: Server, tmp_path: Path
) -> None:
    states = run(server, "/few", tmp_path, SAAF_BROWSER="empty", SAAF_BROWSER_RESTART=2)
    assert states["/news/made"][0] == states["/news/plain"][0] == states["/news/target"][0] == "document"
    assert states["/news/leaves"][0] == "document", "as it came: in doubt a page is one"
    assert states["/news/moved"] == ("not_content", f"redirects to {server.base}/news/target")
    found = documents(tmp_path)
    assert any(b"Written by script, paragraph 7" in body for body in found["made"])
    assert any(b"Written by script, paragraph 7" in body for body in found["target"])
    assert server.asked.count("/news/made") == 2
    assert server.asked.count("/news/plain") == 1
    assert not {"/popup", "/pixel.png", "/favicon.ico"} & set(server.asked)
    assert elsewhere.asked == [], "neither a script, nor a socket, nor a page that leads itself away gets there"


def test_all_pages_may_be_rendered_up_to_a_limit(server: Server, elsewhere: Server, tmp_path: Path) -> None:
    server.asked.clear()
    states = run(server, "/", tmp_path, SAAF_BROWSER="always", SAAF_BROWSER_PAGES=9, DOWNLOAD_MAXSIZE=1_000_000)
    assert not [url for url, (_, reason) in states.items() if "SAAF_BROWSER_PAGES" in (reason or "")], (
        "redirects are no pages"
    )
    assert states["/news/made"][0] == states["/news/plain"][0] == "document"
    assert states["/news/moved"] == ("not_content", f"redirects to {server.base}/news/target")
    assert states["/news/loops"][0] == "fetch_failed"
    assert "had not rendered the page after 12 s" in states["/news/loops"][1]
    assert states["/news/outside"] == ("not_content", f"redirects to {elsewhere.base}/secret")
    assert states[f"{elsewhere.base}/secret"][0] == "refused"
    assert server.asked.count("/news/made") == 1
    assert states["/news/grows"] == ("over_budget", "the rendered page is larger than 1000000 bytes (DOWNLOAD_MAXSIZE)")
    assert states["/news/waits"][0] == "document"
    assert elsewhere.asked == []
    (body,) = documents(tmp_path)["made"]
    assert b"Written by script, paragraph 7" in body
    raw = [record.page for record in read_inputs([tmp_path / "capture"]) if record.page is not None]
    assert {page.header("x-saaf-rendered") for page in raw} == {"chromium"}


@contextmanager
def dying_browser(server: Server, path: Path, *, restarts: bool) -> Iterator[Path]:
    """Yield a browser whose first process is killed while it renders /news/waits; then it starts again, or does not."""
    count = path.with_suffix(".starts")
    again = "" if restarts else f'if [ "$(wc -l < {count})" -ge 2 ]; then exit 1; fi\n'
    path.write_text(f'#!/bin/sh\necho $$ >> {count}\n{again}exec {CHROMIUM} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    server.asked.clear()
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05):
            if "/never.js" in server.asked:
                os.kill(int(count.read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
                return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield path
    finally:
        over.set()
        killer.join()


def test_a_browser_that_cannot_start_again_leaves_its_page_to_the_same_command(server: Server, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with dying_browser(server, tmp_path / "browser", restarts=False) as browser:
        done = run_crawl(server, "/one", output, SAAF_BROWSER="empty", SAAF_BROWSER_PATH=browser)
    assert done.code == Exit.CONFIGURATION, done.stderr
    assert "the browser could not be started" in done.stderr
    status = json.loads(saaf("status", str(output), "--json").stdout)
    assert status["rendered"] == 0
    assert status["queued"], "the page waits"
    states = run(server, "/one", output, SAAF_BROWSER="empty")
    assert states["/news/waits"][0] == "document"
    assert len(documents(output)["waits"]) == 2


def test_a_page_whose_browser_ends_is_rendered_by_the_next(server: Server, tmp_path: Path) -> None:
    with dying_browser(server, tmp_path / "browser", restarts=True) as browser:
        done = run_crawl(server, "/one", tmp_path, SAAF_BROWSER="empty", SAAF_BROWSER_PATH=browser)
    assert done.code == 0, done.stderr
    assert "rendered    1 page by the browser\n" in done.stdout
    starts = (tmp_path / "browser.starts").read_text(encoding="utf-8").splitlines()
    assert len(starts) == 2, "the browser that was tried before the crawl rendered its first page"
    assert len(documents(tmp_path)["waits"]) == 2


def saaf(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `saaf` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "saaf.cli.app", *arguments],
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_browser_that_does_not_start_ends_the_crawl_with_a_sentence(server: Server, tmp_path: Path) -> None:
    server.asked.clear()
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    options = [
        *("-s", "SAAF_BROWSER=empty"),
        *("-s", f"SAAF_BROWSER_PATH={broken}"),
        "--user-agent",
        "t/1 (+https://t.example/)",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "saaf.cli.app", "crawl", f"{server.base}/", "-o", "out", *options,
         "-s", "SAAF_ALLOW_ADDRESSES=127.0.0.1:*"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == Exit.CONFIGURATION, done.stderr
    assert "saaf: the browser could not be started: SAAF_BROWSER_PATH names it" in done.stderr
    assert not server.asked, "nothing is fetched before it is known that the browser starts"
