"""What decides the models besides their samples: parameters, seeds, weights."""

from __future__ import annotations

ORIGIN_WEIGHTS = {"page": 1.0, "variant": 0.3, "trafilatura": 0.7, "gold": 0.3}  # weight of a sample by its origin
MAX_WORDS = 150  # words of a block that count for its weight
TREES = 300
DEPTH = 6
SEEDS = (1, 2)  # of boosters that are averaged: one alone varies by 0.3 points of residue and 2 of dirty pages
STACKING_FOLDS = 3  # folds of the stage 1 probabilities that stage 2 is trained on
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": DEPTH,
    "learning_rate": 25 / TREES,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
RECIPE = {
    "trees": TREES,
    "seeds": list(SEEDS),
    "stacking folds": STACKING_FOLDS,
    "weights by origin": ORIGIN_WEIGHTS,
    "most words of a block that count": MAX_WORDS,
    "LightGBM": PARAMETERS,
}
"""What decides the models besides the samples, as the certificate has it."""
