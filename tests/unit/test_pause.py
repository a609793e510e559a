"""Python's cyclic collector runs after a page as it ran before it."""

from __future__ import annotations

import gc

import pytest

from saaf.cleaning import Page, Unreadable
from saaf.cleaning.html import read_html
from saaf.cleaning.pause import collector_paused


def test_the_collector_rests_and_runs_again() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_page_that_cannot_be_read_leaves_the_collector_running() -> None:
    with pytest.raises(Unreadable):
        read_html(Page(url=None, body=b""))
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
