"""Every feature of the classifier is in the table, with a meaning of its own."""

import pytest

from saaf.cleaning.model import feature_table as table
from saaf.cleaning.model.feature_table import Group, feature_table
from saaf.cleaning.model.track_forests import load_shipped
from saaf.cleaning.types import Track


def test_the_table_has_every_feature_of_every_forest_once() -> None:
    names = {
        name
        for track in Track
        for forest in (load_shipped(track).stage1, load_shipped(track).stage2, load_shipped(track).stage2_voted)
        if forest
        for name in forest.feature_names
    }
    rows = feature_table()
    assert sorted(row.name for row in rows) == sorted(names)
    assert len(rows) == 275


def test_no_two_features_have_the_same_meaning() -> None:
    meanings = [row.meaning for row in feature_table()]
    assert sorted({*meanings}) == sorted(meanings)


@pytest.mark.parametrize(
    ("name", "group", "meaning"),
    [
        ("links", Group.MARKUP, "the share of its letters that stand in links"),
        ("links+2", Group.MARKUP, "of the block 2 further on: the share of its letters that stand in links"),
        ("first-1", Group.STAGE2, "of the block 1 before: the stage-1 probability that the block is content"),
        (
            "vote justext ~6",
            Group.VOTES,
            "the mean over up to 6 blocks on either side of: 1 where jusText calls it good",
        ),
        ("up 2 links", Group.MARKUP, "of the element 2 levels above it: the share of its words that stand in links"),
        ("kin 0 share", Group.STAGE2, "the share of the page's likely words in the blocks of the same path"),
    ],
)
def test_a_derived_feature_says_of_which_block(name: str, group: Group, meaning: str) -> None:
    row = next(row for row in feature_table() if row.name == name)
    assert (row.group, row.meaning) == (group, meaning)


def test_stage_one_is_given_no_feature_of_stage_two() -> None:
    assert all(
        (row.group is Group.STAGE2) == (row.stages == (2,)) for row in feature_table() if row.group is not Group.VOTES
    )


def test_a_feature_that_nobody_described_is_named() -> None:
    with pytest.raises(KeyError, match="feature_table"):
        table._described("smell")
