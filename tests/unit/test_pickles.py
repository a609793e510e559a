"""Pickles of dataclasses with slots: what comes back equals what went in, whatever reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from saaf.cleaning.types import Page, Track
from saaf.corpus.stages.pickles import dumps, loads


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    x: int
    tags: tuple[str, ...] = field(default=(), repr=False)
    next: "_Point | None" = None


@dataclass(frozen=True, slots=True)
class _One:
    value: object


@dataclass(slots=True)
class _Empty:
    pass


@dataclass
class _Open:
    value: int


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class _OwnWay:
    value: int

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return _nothing, ()


@pytest.mark.parametrize(
    "value",
    [
        _Point(x=1, tags=("a", "b"), next=_Point(x=2)),
        [_One((1, 2)), _One(None), _One({"k": _One(3)})],
        _Empty(),
        _Open(5),
        (Page(url="https://a.example/", body=b"<p>", headers=(("A", "b"),), status=200), Track.HTML, _Point, len),
    ],
)
def test_a_value_comes_back_as_it_went_in(value: object) -> None:
    assert loads(dumps(value)) == value


def test_a_class_that_says_how_it_is_pickled_is_pickled_so() -> None:
    assert loads(dumps([_OwnWay(1)])) == [None]


def test_one_object_in_two_places_is_one_object_again() -> None:
    point = _Point(x=1)
    first, second = loads(dumps([point, point]))
    assert first is second
