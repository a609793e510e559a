"""Arguments of a spider that changed between two runs of a crawl."""

from __future__ import annotations

import json

import pytest

from saaf.crawler.frontier.arguments import compare_arguments


def arguments(**values: str) -> str:
    return json.dumps(values)


@pytest.mark.parametrize(
    ("before", "after", "is_narrower"),
    [
        ({"since": "2026-03-01"}, {"since": "2026-02-01"}, False),
        ({"since": "2026-02-01"}, {"since": "2026-03-01"}, True),
        ({"since": "2026-02-01"}, {}, False),
        ({}, {"since": "2026-02-01"}, True),
        ({"until": "2026-02-01"}, {"until": "2026-03-01"}, False),
        ({"until": "2026-03-01"}, {"until": "2026-02-01"}, True),
        ({"since": "2026-02-01", "until": "2026-03-01"}, {"since": "2026-02-02", "until": "2026-03-02"}, False),
        ({"since": "2026-02-01"}, {"since": "2026-03-01", "article": "/n/"}, False),
        ({"since": "soon"}, {"since": "2026-03-01"}, False),
    ],
)
def test_only_a_window_that_shrinks_is_narrower(
    before: dict[str, str], after: dict[str, str], is_narrower: bool
) -> None:
    changed = compare_arguments(arguments(**before), arguments(**after))
    assert changed is not None
    assert changed.is_narrower is is_narrower


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (arguments(since="2026-01-01"), arguments(since="2026-01-01")),
        (arguments(), arguments(since="")),
        (None, arguments(since="2026-01-01")),
        (arguments(since="2026-01-01"), ""),
        ("no JSON", arguments()),
        ("[1]", arguments(since="2026-01-01")),
    ],
)
def test_what_is_the_same_or_unknown_is_no_change(before: object, after: str) -> None:
    assert compare_arguments(before, after) is None


def test_a_change_names_both_values() -> None:
    changed = compare_arguments(arguments(since="2026-03-01", sites="a"), arguments(sites="b"))
    assert changed is not None
    assert changed.described == "since= after since=2026-03-01, sites=b after sites=a"
