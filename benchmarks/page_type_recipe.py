"""What decides the model of page types besides its pages: parameters and seed."""

from __future__ import annotations

from saaf.cleaning.model.page_type import TRAINED

NAME = "page_types.json"
"""The certificate of the model."""
ROUNDS = 200
DEPTH = 3
PARAMETERS = {
    "objective": "multiclass",
    "num_class": len(TRAINED),
    "num_leaves": 2**DEPTH,
    "max_depth": DEPTH,
    "learning_rate": 0.06,
    "min_data_in_leaf": 5,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 3,
    "max_bin": 31,
    "seed": 1,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
