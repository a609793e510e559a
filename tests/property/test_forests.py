"""The trees of the model of blocks: compiled or not, the same bits, and what they are asked in whatever company."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saaf.cleaning.html.path_tree import build_tree
from saaf.cleaning.model import forest as forest_module
from saaf.cleaning.model.forest import STEP, Forest


def forest(seed: int, trees: int, depth: int) -> Forest:
    random = numpy.random.default_rng(seed)
    inner = 2**depth - 1
    return Forest(
        feature_names=("a", "b", "c"),
        split_feature=random.integers(0, 3, (trees, inner)).astype(numpy.int32),
        threshold=random.choice([-1.0, 0.0, 0.5, numpy.inf], (trees, inner)).astype(numpy.float32),
        leaf_value=(random.integers(-(10**6), 10**6, (trees, inner + 1)) * STEP).astype(numpy.float32),
    )


@settings(deadline=None)  # the first call loads numba
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 6), st.integers(0, 70))
def test_compiled_trees_give_the_bits_of_numpy(seed: int, trees: int, depth: int, rows: int) -> None:
    own = forest(seed, trees, depth)
    features = {
        name: numpy.random.default_rng(seed).choice([-1.0, 0.0, 0.25, 0.5, 3.0], rows) for name in own.feature_names
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forest_module, "_NUMBA_MIN_ROWS", 10**9)
        patch.setattr(forest_module, "_rows_evaluated", 0)
        by_numpy = own.log_odds(features)
        patch.setattr(forest_module, "_NUMBA_MIN_ROWS", 0)
        assert own.log_odds(features).tobytes() == by_numpy.tobytes()
        patch.setattr(forest_module, "_kernel", lambda: None)  # as where numba is not installed
        assert own.log_odds(features).tobytes() == by_numpy.tobytes()


@given(st.lists(st.sampled_from(["html", "html/body", "html/body/div/p", "html/body/div", "html/body/p", ""])))
def test_a_tree_of_paths_knows_each_path_and_what_is_around_it(paths: list[str]) -> None:
    tree = build_tree(tuple(paths))
    for path, element in zip(paths, tree.rows.tolist(), strict=True):
        assert tree.path(element) == path
        assert tree.path(int(tree.parents[element])) == path.rpartition("/")[0]
        assert tree.depths[element] == len(path.split("/")) * bool(path)
        wrapper = tree.path(int(tree.enclosing()[element]))
        assert wrapper == (path.rpartition("/")[0] if path.count("/") > 1 else path)
