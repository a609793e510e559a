"""A crawl that goes on with other arguments says so, and what is known of URLs that it does not crawl stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.integration.server import Answer, article, crawl, html, links, serving

if TYPE_CHECKING:
    from pathlib import Path


def site(_: str) -> dict[str, Answer]:
    return {"/": html(links("/news/tide", "/news/mill")), **{f"/news/{n}": html(article(n)) for n in ("tide", "mill")}}


def test_another_start_adds_to_the_ledger_and_takes_nothing_away(tmp_path: Path) -> None:
    with serving(site) as first, serving(site, address="127.0.0.2") as second:
        crawl("web", "-a", f"start={first.base}/", output=tmp_path, SAAF_BUILD=0)
        before = crawl("web", "-a", f"start={first.base}/", output=tmp_path, SAAF_BUILD=0).ledger()
        done = crawl(
            "web", "-a", f"start={second.base}/", "-O", str(tmp_path / "out.jsonl"), output=tmp_path, SAAF_BUILD=0
        )
    after = done.ledger()
    assert {url: after[url] for url in before} == before
    assert after[f"{second.base}/news/tide"][0] == "document"
    assert "was begun with other arguments of its spider" in done.stderr
    assert "A feed holds the documents of this run alone" in done.stderr


def newspaper(base: str) -> dict[str, Answer]:
    """Return a site whose sitemap has an article of January and of March, and whose page leads to one of February.

    The last says its date only by itself. Nothing changes: each answer has an ETag.
    """

    def dated(name: str, day: str) -> Answer:
        return tagged(html(article(name, head=f"<meta property='article:published_time' content='{day}T08:00:00Z'>")))

    def tagged(answer: Answer) -> Answer:
        return Answer(body=answer.body, headers={**answer.headers, "ETag": f'"{len(answer.body)}"'})

    days = {"/tide": "2026-01-10", "/choir": "2026-03-10"}
    entries = "".join(f"<url><loc>{base}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in days.items())
    return {
        "/robots.txt": tagged(Answer(body=f"User-agent: *\nDisallow:\nSitemap: {base}/s.xml\n".encode())),
        "/s.xml": tagged(Answer(body=f"<urlset>{entries}</urlset>".encode(), headers={"Content-Type": "text/xml"})),
        "/": tagged(html(links("/mill", "/a", "/b"))),
        "/mill": dated("mill", "2026-02-10"),
        **{path: dated(path[1:], day) for path, day in days.items()},
    }


def test_a_wider_window_lets_in_what_was_outside_and_a_narrower_one_takes_nothing_away(tmp_path: Path) -> None:
    with serving(newspaper) as server:

        def run(*window: str, **settings: object) -> tuple[dict[str, str | None], str, list[str]]:
            given = [word for one in window for word in ("-a", one)]
            before = len(server.asked)
            options: dict[str, Any] = {"SAAF_BUILD": 0, **settings}
            done = crawl("news", "-a", f"sites={server.base}", *given, output=tmp_path, **options)
            states = {url.removeprefix(server.base): state for url, state in done.states().items()}
            return states, done.stderr, server.asked[before:]

        states, _, _ = run("since=2026-03-01")
        assert {path: states[path] for path in ("/tide", "/mill", "/choir")} == {
            "/tide": "outside_window", "/mill": "outside_window", "/choir": "document",
        }  # fmt: skip
        states, said, asked = run("since=2026-02-01", SAAF_REVISIT="nothing")
        assert {path: states[path] for path in ("/tide", "/mill", "/choir")} == {
            "/tide": "outside_window", "/mill": "document", "/choir": "document",
        }  # fmt: skip
        assert "now since=2026-02-01 after since=2026-03-01" in said
        assert "are read again from its capture" in said
        assert set(asked) <= {"/robots.txt"}, "what was captured is not fetched again"
        states, _, asked = run()
        assert states["/tide"] == "document", "without a window all is wanted"
        assert "/mill" not in asked
        assert "/choir" not in asked
        states, said, asked = run("since=2026-03-01")
        assert [states[path] for path in ("/tide", "/mill", "/choir")] == ["document"] * 3, "what is captured stays"
        assert "they hold for what is fetched from now on" in said
        _, said, _ = run("since=2026-03-01")
        assert "other arguments" not in said
