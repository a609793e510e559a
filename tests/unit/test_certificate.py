"""The models that ship are those of their certificate, which names all that they were made of."""

import json
import shutil
from pathlib import Path

from benchmarks import certificate
from benchmarks.training_recipe import RECIPE
from benchmarks.training_sets import Use, training_set, training_sets
from saaf.cleaning.types import Track


def _copy(target: Path) -> Path:
    for name in (*map(certificate.model_name, Track), certificate.NAME):
        shutil.copy(certificate.MODELS / name, target)
    return target


def test_the_models_that_ship_are_those_of_the_certificate() -> None:
    assert certificate.differences(certificate.MODELS, RECIPE, None) == []


def test_a_model_that_was_not_certified_is_found(tmp_path: Path) -> None:
    models = _copy(tmp_path)
    html, text = (models / certificate.model_name(track) for track in (Track.HTML, Track.TEXT))
    html.write_bytes(text.read_bytes())
    found = certificate.differences(models, RECIPE, None)
    assert found == ["blocks.html.npz: not the file or not the features that the certificate names"]


def test_another_recipe_is_found(tmp_path: Path) -> None:
    found = certificate.differences(_copy(tmp_path), RECIPE | {"trees": 600}, None)
    assert found == ["the recipe in benchmarks/training_recipe.py has changed"]


def test_the_certificate_names_each_page_its_set_and_the_licence() -> None:
    stated = certificate.read(certificate.MODELS)
    by_set = {page.split("/")[0] for page in stated["pages"]}
    assert by_set == set(stated["sets"])
    assert all(stated["sets"][name]["licence"] for name in by_set)
    assert {len(digest) for both in stated["pages"].values() for digest in both} == {64}
    assert len(stated["commit"]) == 40
    assert {"lightgbm", "numpy", "lxml", "trafilatura"} <= stated["packages"].keys()


def test_a_set_that_may_only_be_measured_trained_no_model() -> None:
    measured = {name for name, one in training_sets().items() if one.use is Use.MEASURE}
    assert measured
    assert not measured & certificate.read(certificate.MODELS)["sets"].keys()
    assert training_set("a set of somebody's own").use is Use.MEASURE


def test_a_page_that_changed_is_found(tmp_path: Path) -> None:
    models, pages = tmp_path / "models", tmp_path / "pages"
    models.mkdir()
    pages.mkdir()
    stated = certificate.read(_copy(models))
    found = certificate.differences(models, RECIPE, pages)
    assert len(found) == len(stated["pages"])
    assert json.dumps(min(stated["pages"]))[1:-1] in found[0]
