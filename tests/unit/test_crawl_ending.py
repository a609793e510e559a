"""What a crawl's end means: exit codes by finish reason and signal."""

from __future__ import annotations

import signal

import pytest

from saaf.corpus.exit_codes import MEANINGS, Exit
from saaf.crawler.run.ending import ending


@pytest.mark.parametrize(
    ("reason", "number", "code", "builds"),
    [
        ("finished", None, Exit.DONE, True),
        ("shutdown", signal.SIGINT, Exit.INTERRUPTED, True),
        ("shutdown", signal.SIGTERM, Exit.TERMINATED, False),
        ("shutdown", None, Exit.INTERRUPTED, True),
        ("interrupted", signal.SIGINT, Exit.INTERRUPTED, True),
        ("closespider_pagecount", None, Exit.LIMIT, True),
        ("closespider_timeout", None, Exit.LIMIT, True),
        ("closespider_itemcount", None, Exit.LIMIT, True),
        ("closespider_errorcount", None, Exit.LIMIT, True),
        ("memusage_exceeded", None, Exit.LIMIT, True),
        ("patience", None, Exit.LIMIT, True),
        ("a reason of the spider's own", None, Exit.LIMIT, True),
        ("closespider_pagecount", signal.SIGTERM, Exit.TERMINATED, False),
        ("capture_failed", None, Exit.OUTPUT, False),
        ("browser_failed", None, Exit.CONFIGURATION, False),
        ("start_error", None, Exit.DEFECT, True),
        (None, None, Exit.DEFECT, False),
    ],
)
def test_each_end_has_its_exit_code(reason: str | None, number: int | None, code: Exit, builds: bool) -> None:
    ended = ending(reason, number)
    assert (ended.code, ended.builds) == (code, builds)
    assert (ended.message is None) == (code is Exit.DONE)


def test_a_limit_is_named_with_its_setting_and_how_to_go_on() -> None:
    message = ending("closespider_pagecount", None).message or ""
    assert "CLOSESPIDER_PAGECOUNT" in message
    assert "the same command goes on" in message


def test_every_exit_code_has_its_meaning_and_none_its_number_twice() -> None:
    assert set(MEANINGS) == set(Exit)
    assert len({int(code) for code in Exit}) == len(Exit)
