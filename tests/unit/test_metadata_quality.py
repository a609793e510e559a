"""The benchmark of metadata: what counts as right."""

from __future__ import annotations

import pytest

from benchmarks.metadata_quality import Found, Scored, gold_day, half_of, outcomes, table


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            Found(title="Old Bridge!", date="2024-05-05", author="Ann Example; Bo"),
            "title exact date right author right",
        ),
        (Found(title="Bridge", date="2024-05-06", author="Ann"), "title other date right author wrong"),
        (Found(title="Old bridge", date="2024-05-07", author=None), "title exact date wrong author none"),
        (Found(), "title other date none author none"),
    ],
)
def test_outcomes(found: Found, expected: str) -> None:
    gold: dict[str, object] = {"gold_title": "Old bridge", "gold_date": "2024-05-05", "gold_author": "Ann Example"}
    assert " ".join(outcomes(found, gold)) == expected


def test_a_page_without_an_author_and_a_page_of_which_none_is_known() -> None:
    assert outcomes(Found(author="Ann"), {"gold_author": []}) == ("nobody invented",)
    assert outcomes(Found(author="Ann"), {}) == ()


def test_gold_dates_are_iso_or_unix_times() -> None:
    assert [str(gold_day(value)) for value in ("2016-02-16T09:00", 1455613767, "1455613767000", "soon", None)] == [
        "2016-02-16", "2016-02-16", "2016-02-16", "None", "None",
    ]  # fmt: skip


def test_the_halves_and_the_table() -> None:
    assert {half_of(f"{n}.example") for n in range(20)} == {"dev", "held out"}
    page = Scored(group="news", half="dev", outcomes={"saaf": ("title exact",), "trafilatura": ("title other",)})
    assert table([page])[2].startswith("| dev | saaf | 1 | 100.0 | 0 |")
