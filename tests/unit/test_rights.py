"""Rights signals: what each states, to whom, for which paths and when, and that the most restrictive counts."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from saaf import cleaning
from saaf.cleaning.rights.headers import header_signals
from saaf.cleaning.rights.path_patterns import matches
from saaf.cleaning.rights.preferences import content_signal, content_usage, tdm_reservation
from saaf.cleaning.rights.robots_txt import MAX_BYTES, parse_robots
from saaf.cleaning.rights.signals import MAX_SIGNALS, Rights, resolve
from saaf.cleaning.rights.sites import SiteRights
from saaf.cleaning.rights.structured_fields import parse_dictionary
from saaf.cleaning.rights.tdmrep import parse_tdmrep
from saaf.cleaning.types import Page
from saaf.corpus.build import build
from saaf.corpus.ledger import State
from saaf.corpus.rights import RightsPolicy
from saaf.corpus.settings import BuildSettings
from saaf.corpus.warc import WarcWriter
from tests.corpora import corpus_rows

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://www.example.org/news/1?page=2"
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
TEXT = "The harbour wall was repaired by forty people over three weekends, and the gauge was put back in May. "


@pytest.mark.parametrize(
    ("value", "train", "search"),
    [
        ("train-ai=n", False, None),
        ("train-ai=y, search=n", True, False),
        ("search=y,train-ai=n", False, True),
        ("train-ai=n;exceptions=1, search=(y n)", False, None),
        ("train-ai=y, train-ai=n", False, None),  # of one key the last
        ("train-ai=n, train-ai=y", True, None),
        ('train-ai=y, train-ai, search=n, search="n"', None, None),  # the draft's example: no tokens
        ("train-ai=no", None, None),
        ("Train-AI=n", None, None),  # a capital letter is no key, and the whole field is dropped
        ("train-ai=n,", None, None),
        ("train-ai=n search=y", None, None),
        ("", None, None),
        ("ai-use=n", None, None),
    ],
)
def test_content_usage_is_a_dictionary_of_structured_fields(
    value: str, train: bool | None, search: bool | None
) -> None:
    assert content_usage(value) == (train, search)


def test_all_types_of_structured_fields_are_stepped_over() -> None:
    text = r'a=1.5, b=-12, c="x\"y", d=:YQ==:, e=?1, f=@16, g=%"%c3%bc", h=(a "b";c=1 ), i;j=k, *k_-.*=tok/en:1'
    assert parse_dictionary(text) == {**dict.fromkeys("abcdefghi"), "*k_-.*": "tok/en:1"}
    for wrong in ("a=1.", "a=(b", 'a="b', "a=:b", "a=?2", "a=@1.5", "=a", "a=b;", "a=b;C", "é=1", 'a="é"', "a==b"):
        assert parse_dictionary(wrong) is None, wrong


def test_a_dictionary_takes_no_longer_than_its_length() -> None:
    start = time.process_time()
    for hostile in ("a" * 8000, "a=(" + "b " * 4000, "a" + ";b" * 4000 + "=", 'a="' + "\\" * 8000, "a=b, " * 10**6):
        assert parse_dictionary(hostile) in (None, {"a" * 8000: None})
    assert time.process_time() - start < 1


def test_content_signal_knows_yes_and_no_and_no_wins() -> None:
    assert content_signal("search=yes, ai-input=no, ai-train=no") == (False, True)
    assert content_signal("AI-Train = No; search=maybe") == (False, None)
    assert content_signal("ai-train=yes, ai-train=no") == (False, None)


@pytest.mark.parametrize(
    ("value", "train"), [("1", False), (" 1 ", False), (1, False), (True, False), ("0", True), (0, True), ("2", None)]
)
def test_a_tdm_reservation_is_one_or_nought(value: object, train: bool | None) -> None:
    assert tdm_reservation(value).train is train


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("", "/a", True),
        ("/", "/a", True),
        ("/a", "/ab", True),
        ("/a/", "/a", False),
        ("/A", "/a", False),
        ("/a$", "/a", True),
        ("/a$", "/a?b", False),
        ("/*.jpg$", "/a/b.jpg", True),
        ("/*.jpg$", "/a/b.jpg.html", False),
        ("/a*a", "/a", False),
        ("*", "/a", True),
        ("/%7Ea", "/~a", True),
        ("/caf%c3%a9", "/café", True),
        ("/a%2Fb", "/a/b", False),
        ("/foo-%24", "/foo-%24", True),
    ],
)
def test_a_path_pattern_is_that_of_robots_txt(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_a_pattern_of_many_stars_takes_no_longer_than_one() -> None:
    start = time.process_time()
    assert not matches("/" + "*a" * 3000 + "*b", "/" + "a" * 200_000)
    assert time.process_time() - start < 1


def of_robots(text: str, url: str = URL, agent: str = "saaf") -> Rights:
    return resolve(parse_robots(text.encode()).signals(url, agent), agent)


def test_of_content_usage_lines_the_longest_path_decides_and_a_conflict_is_no() -> None:
    text = "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\nAllow: /\n"
    assert of_robots(text).train is False
    assert of_robots(text, "https://www.example.org/ai-ok/1").train is True
    conflict = text + "Content-Usage: /ai-ok/ train-ai=n\n"
    assert of_robots(conflict, "https://www.example.org/ai-ok/1").train is False
    assert (
        of_robots("User-agent: *\nContent-Usage: / train-ai=n\n").train is False
    )  # the path that drafts 00-03 asked for
    assert of_robots("User-agent: *\nContent-Usage:/news/*page=2$\ttrain-ai=n # why\n").train is False
    assert of_robots("User-agent: *\nContent-Usage: /other train-ai=n\n") == Rights()


def test_a_group_is_for_the_robots_that_it_names() -> None:
    text = (
        "\ufeffUser-agent: Saaf/1.0\r\nUSER-AGENT: friend\r\n\r\nContent-Usage: train-ai=y\r\nSitemap: /s.xml\r\n"
        "user-agent: *\rContent-Signal: ai-train=no, search=yes\nUser-agent: saaf\nContent-Signal: search=no\n"
    )
    assert (of_robots(text).train, of_robots(text).search) == (
        True,
        False,
    )  # both groups of the robot, none of the others
    assert (of_robots(text, agent="other").train, of_robots(text, agent="other").search) == (False, True)
    assert of_robots(text, agent="FRIEND").train is True
    own_group = "User-agent: *\nContent-Usage: train-ai=n\n\nUser-agent: saaf\nAllow: /\n"
    assert of_robots(own_group).train is None
    assert of_robots("Content-Usage: train-ai=n\nUser-agent: bot\nAllow: /").train is False, "before any group: for all"


def test_a_licence_line_of_robots_txt_is_for_all_robots() -> None:
    rights = of_robots("License: https://a.example/l.xml\nUser-agent: googlebot\nLicense: https://a.example/m.xml\n")
    assert rights.licence == "https://a.example/l.xml"
    assert rights.signals == (
        "robots.txt License: https://a.example/l.xml",
        "robots.txt License: https://a.example/m.xml",
    )
    assert rights.train is None, "what the licence says is not read"


def test_only_the_first_half_megabyte_of_robots_txt_is_read() -> None:
    line = "User-agent: *\nContent-Usage: train-ai=n\n"
    assert of_robots("#" * (MAX_BYTES - len(line) - 1) + "\n" + line).train is False
    assert of_robots("#" * MAX_BYTES + "\n" + line).train is None


def of_tdmrep(content: object, url: str = URL) -> bool | None:
    return resolve(parse_tdmrep(json.dumps(content).encode()).signals(url)).train


def test_of_tdmrep_rules_the_first_that_matches_counts() -> None:
    rules = [
        {"location": "/news/*.pdf", "tdm-reservation": 1},
        {"location": "/news/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": 1, "tdm-policy": "https://a.example/p.json"},
    ]
    assert of_tdmrep(rules) is True
    assert of_tdmrep(rules, "https://www.example.org/news/a.pdf") is False
    assert of_tdmrep(rules, "https://www.example.org") is False
    assert of_tdmrep(rules[:2], "https://www.example.org/") is None
    assert of_tdmrep(rules[2]) is False, "one rule without its array"
    assert of_tdmrep([{"location": "/", "tdm-reservation": 3}, 5, {"location": 1}, "x"]) is None
    for broken in (b"", b"<html>", b"[" * 100_000, b"\xff\xfe", b"null", b"[" + b" " * 600_000 + b"]"):
        assert not parse_tdmrep(broken).rules


def test_header_signals_have_sources_and_addressees() -> None:
    headers = [
        ("X-Robots-Tag", "noindex, googlebot: noai, nofollow"),
        ("x-robots-tag", "Saaf: noai"),
        ("X-Robots-Tag", "max-snippet: 20, noarchive, unavailable_after: 25 Jun 2026 15:00:00 PST"),
        ("Content-Usage", "train-ai=y"),
        ("content-usage", "search=y"),
        ("Content-Signal", "ai-train=yes"),
        ("TDM-Reservation", "0"),
        ("tdm-policy", "https://a.example/p"),
        ("Link", '</l.xml>; rel="next license"; type="application/rsl+xml", <https://a.example/,x>; rel=prev'),
        ("Link", "<http://[bad>; rel=license"),
    ]
    signals = header_signals(headers, URL)
    assert [str(signal) for signal in signals] == [
        "header X-Robots-Tag: noindex",
        "header X-Robots-Tag: googlebot: noai, nofollow",
        "header X-Robots-Tag: saaf: noai",
        "header X-Robots-Tag: max-snippet: 20, noarchive, unavailable_after: 25 Jun 2026 15:00:00 PST",
        "header Content-Usage: train-ai=y, search=y",
        "header Content-Signal: ai-train=yes",
        "header tdm-reservation: 0",
        "header tdm-policy: https://a.example/p",
        "header Link RSL: /l.xml",
        "header Link rel=license: http://[bad",
    ]
    rights = resolve(signals)
    assert (rights.train, rights.search, rights.licence) == (False, False, "https://www.example.org/l.xml")
    assert rights.reservation == "its publisher reserves it from training (header X-Robots-Tag: saaf: noai)"
    assert not any("googlebot" in signal for signal in rights.signals)
    assert resolve(signals, "otherbot").train is True


def of_html(head: str, body: str = "", agent: str = "saaf") -> Rights:
    source = f"<html><head><title>x</title>{head}</head><body><p>{TEXT * 3}</p>{body}</body></html>"
    return resolve(cleaning.read(Page(url=URL, body=source.encode())).rights, agent)


@pytest.mark.parametrize(
    ("head", "train", "search"),
    [
        ('<meta name="ROBOTS" content="NoAI, NoImageAI">', False, None),
        ("<meta name=robots content='index,follow'>", None, None),
        ("<meta name=robots content=noimageai>", None, None),
        ("<meta name=robots content=noarchive>", None, None),
        ("<meta name=robots content=none>", None, False),
        ("<meta name=saaf content=noai>", False, None),
        ("<meta name=otherbot content=noai>", None, None),
        ("<meta name=description content=noai>", None, None),
        ("<meta name=tdm-reservation content=1>", False, None),
        ("<meta name=tdm-reservation content=0>", True, None),
        ("<meta http-equiv=content-usage content='train-ai=n, search=y'>", False, True),
        ("<!-- <meta name=robots content=noai> -->", None, None),
        ("<script>'<meta name=robots content=noai>'</script>", None, None),
        ("<template><meta name=robots content=noai></template>", None, None),
        ("<meta name=robots content=noai><meta name=tdm-reservation content=0>", False, None),
    ],
)
def test_html_signals(head: str, train: bool | None, search: bool | None) -> None:
    rights = of_html(head)
    assert (rights.train, rights.search) == (train, search)


def test_licences_of_a_page_are_absolute_and_those_of_its_head_come_first() -> None:
    link = "<a rel='nofollow license' href='//cc.example/by'>by</a>"
    assert of_html("", link).licence == "https://cc.example/by"
    assert (
        of_html("<base href='/x/'><link rel=license href=l.html>", link).licence == "https://www.example.org/x/l.html"
    )
    rsl = of_html("<link rel='license' type='application/rsl+xml' href='/l.xml'>")
    assert rsl.signals == ("link RSL: /l.xml",)
    assert of_html("<link rel=license href='javascript:x()'>").licence is None


def test_rsl_in_a_page_is_read_for_what_it_prohibits() -> None:
    rsl = '<rsl><content url="/"><license><prohibits type="usage">search ai-train</prohibits></license></content></rsl>'
    rights = of_html(f"<script type='application/rsl+xml'>{rsl}</script>")
    assert (rights.train, rights.search) == (False, False)


def test_a_page_of_a_million_signals_keeps_the_first_ones() -> None:
    rights = of_html("".join(f"<meta name=robots content='noai, x{number}'>" for number in range(5000)))
    assert len(rights.signals) == MAX_SIGNALS
    assert rights.train is False
    assert len(of_html(f"<meta name=robots content='{'x' * 10_000}, noai'>").signals[0]) < 600


def robots_page(
    train: str, when: datetime, *, url: str = "https://www.example.org/robots.txt", status: int = 200
) -> Page:
    body = f"User-agent: *\nContent-Usage: train-ai={train}\n".encode()
    return Page(url=url, body=body, status=status, fetched_at=when, headers=(("Content-Type", "text/plain"),))


def test_a_page_has_the_robots_txt_that_was_current_when_it_was_fetched() -> None:
    sites = SiteRights()
    for page in (
        robots_page("y", MONDAY + timedelta(days=2)),
        robots_page("n", MONDAY),
        robots_page("n", MONDAY + timedelta(days=4), status=404),
        robots_page("n", MONDAY + timedelta(days=5), status=503),
    ):
        sites.add(page)

    def train(url: str, when: datetime | None) -> bool | None:
        return resolve(sites.signals(url, when, "saaf")).train

    assert train(URL, MONDAY + timedelta(days=1)) is False
    assert train(URL, MONDAY + timedelta(days=3)) is True
    assert train(URL, MONDAY + timedelta(days=6)) is None, "gone, and an error of the server changes nothing"
    assert train(URL, MONDAY - timedelta(days=1)) is False, "before the first: the first"
    assert train("https://WWW.example.org:443/x", MONDAY) is False
    assert train("http://www.example.org/x", MONDAY) is None, "another origin"
    assert train("https://example.org/x", MONDAY) is None


def test_a_robots_txt_that_redirects_is_that_of_both_hosts() -> None:
    sites = SiteRights()
    moved = Page(
        url="http://example.org/robots.txt",
        body=b"",
        status=301,
        headers=(("Location", "https://www.example.org/robots.txt"),),
        fetched_at=MONDAY,
    )
    sites.add(moved)
    sites.add(robots_page("n", MONDAY))
    assert resolve(sites.signals("http://example.org/a", MONDAY, "saaf")).train is False
    for one, other in (("a", "b"), ("b", "a")):
        circle = f"https://{other}.example/robots.txt"
        sites.add(Page(url=f"https://{one}.example/robots.txt", body=b"", status=302, headers=(("Location", circle),)))
    assert list(sites.signals("https://a.example/", None, "saaf")) == []


def test_a_signal_to_any_of_the_names_of_the_crawler_counts_and_a_reservation_wins() -> None:
    to_one = "User-agent: *\nContent-Signal: ai-train=yes\n\nUser-agent: nc\nContent-Signal: ai-train=no\n"
    assert of_robots(to_one, agent="saaf nc").train is False
    assert of_robots(to_one, agent="saaf").train is True
    both = "User-agent: saaf\nContent-Usage: /news/ train-ai=y\n\nUser-agent: nc\nContent-Usage: train-ai=n\n"
    assert of_robots(both, "https://www.example.org/news/1", agent="saaf nc").train is False, "not the longer path"
    assert of_robots(both, "https://www.example.org/news/1", agent="saaf").train is True
    allowed = "User-agent: *\nContent-Usage: train-ai=n\n\nUser-agent: nc\nContent-Usage: train-ai=y\n"
    assert of_robots(allowed, agent="saaf nc").train is True, "the group for all others is not for a robot with its own"
    assert of_html('<meta name="nc" content="noai">', agent="saaf nc").train is False
    assert of_html('<meta name="nc" content="noai">').train is None


def story(url: str, when: datetime, *headers: tuple[str, str]) -> Page:
    chosen = Random(url)
    words = "".join(f"<p>{' '.join(chosen.choices(TEXT.split(), k=40))}.</p>" for _ in range(6))
    html_type = ("Content-Type", "text/html; charset=utf-8")
    return Page(url=url, body=f"<h1>{url}</h1>{words}".encode(), headers=(html_type, *headers), fetched_at=when)


def test_a_build_skips_what_reserves_training_and_older_captures_of_it(tmp_path: Path) -> None:
    base, noai, allowed = "https://www.example.org", ("X-Robots-Tag", "noai"), ("Content-Usage", "train-ai=y")
    rules = json.dumps([{"location": "/tdm", "tdm-reservation": 1}]).encode()
    with WarcWriter(tmp_path / "x.warc.gz") as writer:
        for page in (
            story(f"{base}/changed", MONDAY),
            story(f"{base}/allowed", MONDAY, allowed),
            story(f"{base}/opened", MONDAY, noai),
            story(f"{base}/tdm/1", MONDAY),  # before the file that reserves it: the order of records does not matter
            story(f"{base}/changed", MONDAY + timedelta(days=1), noai),
            story(f"{base}/opened", MONDAY + timedelta(days=1)),
            Page(url=f"{base}/.well-known/tdmrep.json", body=rules, fetched_at=MONDAY),
        ):
            writer.write(page)
    for rights, kept in ((RightsPolicy.RECORD, 4), (RightsPolicy.SKIP, 2)):
        settings = BuildSettings(rights=rights, workers=0)
        assert build([tmp_path / "x.warc.gz"], tmp_path / rights, settings=settings).documents == kept
    ledger = corpus_rows(tmp_path / "skip", "ledger", ["url", "state", "reason"])
    reserved = sorted(str(row["url"]) for row in ledger if row["state"] == State.RIGHTS_RESERVED)
    assert reserved == [f"{base}/changed", f"{base}/changed", f"{base}/opened", f"{base}/tdm/1"]
    assert any(str(row["reason"]).startswith("a later capture, ") for row in ledger)
    recorded = {
        row["url"]: row["rights_train"]
        for row in corpus_rows(tmp_path / "record", "documents", ["url", "rights_train"])
    }
    assert recorded == {
        f"{base}/allowed": "allowed",
        f"{base}/changed": "reserved",
        f"{base}/opened": None,
        f"{base}/tdm/1": "reserved",
    }


def test_the_policy_is_checked() -> None:
    with pytest.raises(ValueError, match="rights is one of record, skip"):
        BuildSettings(rights="ignore")  # type: ignore[arg-type]
