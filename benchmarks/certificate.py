"""The certificate of the models that ship: what they were made of, so that anybody can make or check them again."""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.training_sets import Use, training_set, training_sets
from saaf.cleaning.model.track_forests import load
from saaf.cleaning.types import Track

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "saaf" / "cleaning" / "model"
"""The directory of the models that ship."""
NAME = "certificate.json"
_PACKAGES = ("justext", "lightgbm", "lxml", "numpy", "py3langid", "regex", "trafilatura")


def model_name(track: Track) -> str:
    """Return the file name of a track's model."""
    return f"blocks.{track.value}.npz"


def clean_commit() -> str:
    """Return the commit of the checkout. Exits where code was changed since: nobody could make the models again."""
    changed = _git("status", "--porcelain", "--untracked-files=all", "saaf", "benchmarks").splitlines()
    code = [line for line in changed if not line.endswith((".npz", NAME))]
    if code:
        raise SystemExit("commit these first, the certificate names the commit:\n" + "\n".join(code))
    return _git("rev-parse", "HEAD").strip()


def write(models: Path, pages: Path, *, commit: str, recipe: dict[str, Any], samples: dict[str, int]) -> None:
    """Write the certificate of the models in a directory, made from `pages` with the code of `commit`.

    `samples` are the numbers of samples by track.
    """
    digests = _page_digests(pages)
    counted = {name: sum(page.startswith(f"{name}/") for page in digests) for name in training_sets()}
    sets = {name: asdict(one) | {"pages": counted[name]} for name, one in training_sets().items() if counted[name]}
    own = {
        "command": "python -m benchmarks.train_blocks PAGES",
        "commit": commit,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "recipe": recipe,
        "sets": sets,
        "models": {track.value: _model(models, track) | {"samples": samples[track.value]} for track in Track},
    }
    lines = [f"  {json.dumps(page)}: {json.dumps(both)}" for page, both in digests.items()]
    head = json.dumps(own, indent=1, ensure_ascii=False).removesuffix("\n}")
    text = f'{head},\n "pages": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    (models / NAME).write_text(text, encoding="utf-8")


def read(models: Path) -> dict[str, Any]:
    """Return the certificate in a directory of models."""
    found: dict[str, Any] = json.loads((models / NAME).read_text(encoding="utf-8"))
    return found


def differences(models: Path, recipe: dict[str, Any], pages: Path | None) -> list[str]:
    """Return what differs from the certificate, a line each: models, recipe, sets, and, where given, the pages."""
    stated = read(models)
    found = [
        f"{model_name(track)}: not the file or not the features that the certificate names"
        for track in Track
        if _model(models, track).items() - stated["models"][track.value].items()
    ]
    if json.loads(json.dumps(recipe)) != stated["recipe"]:
        found.append("the recipe in benchmarks/training_recipe.py has changed")
    found += [
        f"{name}: training_sets.toml has changed"
        for name, own in stated["sets"].items()
        if asdict(training_set(name)) | {"pages": own["pages"]} != own
    ]
    if pages is not None:
        digests = _page_digests(pages)
        names = sorted(digests.keys() | stated["pages"].keys())
        found += [f"{name}: another page" for name in names if digests.get(name) != stated["pages"].get(name)]
    return found


def changed_models(made: Path) -> list[str]:
    """Return the models in the directory `made` that differ from those that ship, a line each."""
    return [
        f"{model_name(track)}: trained anew it has other bytes; with the packages and the commit of the certificate?"
        for track in Track
        if (made / model_name(track)).read_bytes() != (MODELS / model_name(track)).read_bytes()
    ]


def _model(models: Path, track: Track) -> dict[str, str]:
    """Return the digest of a track's model, and of the names of its features by stage."""
    forests = load(models / model_name(track))
    names = [forest.feature_names for forest in (forests.stage1, forests.stage2, forests.stage2_voted) if forest]
    return {
        "sha256": _digest((models / model_name(track)).read_bytes()),
        "features": "; ".join(", ".join(own) for own in names),
    }


def _page_digests(pages: Path) -> dict[str, list[str]]:
    """Return the SHA-256 of each page's bytes and of its gold text, by "set/id", of all sets that are trained on."""
    found = {}
    for meta in sorted(pages.glob("*/*.json")):
        if training_set(meta.parent.name).use is Use.MEASURE:
            continue
        body = gzip.decompress(meta.with_suffix(".html.gz").read_bytes())
        gold = str(json.loads(meta.read_text(encoding="utf-8")).get("gold_text") or "")
        found[f"{meta.parent.name}/{meta.stem}"] = [_digest(body), _digest(gold.encode("utf-8", "surrogatepass"))]
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout
