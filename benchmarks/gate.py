"""Quality gate: measure cleaning on the project's own pages and compare the figures with their floors.

    python -m benchmarks.gate            fails where a figure is worse than its floor in gate.json, or the output
    differs python -m benchmarks.gate --accept   writes today's figures as the new floors, and the digest of the output:
    only with
                                         a reason in the changelog

It needs no data directory: each page of `seeds/` that has a gold text in `tests/golden/sites/` is cleaned as HTML and
as plain text (every block a line). The digest of all that comes out, in `saaf/cleaning/golden_output.txt`, is part of
`rules_version`: that is another one wherever a page comes out otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

from saaf import cleaning
from saaf.cleaning.version import golden_output
from saaf.corpus.evaluation.metrics import Figures, comparison_key, means, score

ROOT = Path(__file__).resolve().parent.parent
FLOORS = Path(__file__).with_suffix(".json")
GOLDEN_OUTPUT = ROOT / "saaf" / "cleaning" / "golden_output.txt"
_TOLERANCE = 5e-5  # half a unit of the last digit that is written
_HIGHER_IS_BETTER = ("precision", "recall", "f1")


def pages() -> list[tuple[str, cleaning.Page, str]]:
    """Return (name, page, gold text) of every seed page that has a gold text, sorted by name."""
    found = []
    for manifest in sorted((ROOT / "seeds").glob("*/manifest.toml")):
        for entry in tomllib.loads(manifest.read_text(encoding="utf-8"))["response"]:
            gold = (ROOT / "tests/golden/sites" / manifest.parent.name / entry["file"]).with_suffix(".txt")
            if gold.exists():
                headers = (("content-type", entry["content_type"]),)
                body = (manifest.parent / entry["file"]).read_bytes()
                page = cleaning.Page(url=entry["url"], body=body, headers=headers, fetched_at=entry["fetched_at"])
                lines = [line for line in gold.read_text(encoding="utf-8").split("\n") if not line.startswith("? ")]
                found.append((f"{manifest.parent.name}/{gold.stem}", page, "\n".join(lines)))
    return sorted(found, key=lambda row: row[0])


def measure() -> tuple[dict[str, dict[str, float]], str]:
    """Return the mean figures of each track, and the digest of all that comes out."""
    tracks: dict[str, list[Figures]] = {"html": [], "text": []}
    digest = hashlib.sha256()
    for _, page, gold in pages():
        document = cleaning.read(page)
        headlines = {comparison_key(document.metadata.title or "")}
        for track, clean in (("html", cleaning.clean(document)), ("text", cleaning.clean_text(document.text))):
            tracks[track].append(score(gold, clean.text, headlines))
            digest.update(_output(clean))
    for seed in sorted((ROOT / "seeds").glob("*.txt")):
        digest.update(_output(cleaning.clean_text(seed.read_text(encoding="utf-8"))))
    figures = {
        track: {name: round(value, 4) for name, value in means(rows).to_dict().items()}
        for track, rows in tracks.items()
    }
    return figures, digest.hexdigest()


def _output(clean: cleaning.CleanDocument) -> bytes:
    """Return all that a user sees of a clean document, in a form whose bytes depend on nothing else."""
    document, metadata = clean.document, clean.document.metadata
    seen = {
        "text": clean.text,
        "removals": [(removal.start, removal.end, removal.rule, removal.score) for removal in clean.removals],
        "flags": clean.flags,
        "language": [document.language.code, document.language.script, document.language.score],
        "metadata": [str(getattr(metadata, field.name)) for field in fields(metadata)],
        "blocks": [(block.start, block.end, block.kind) for block in document.blocks],
    }
    return json.dumps(seen, ensure_ascii=False).encode() + b"\0"


def main() -> int:
    """Measure, print, compare with the floors; return 0 where no figure is worse and no output changed, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="write today's figures as the new floors")
    accept = parser.parse_args().accept
    figures, digest = measure()
    for track, row in figures.items():
        print(f"{track:5}", "  ".join(f"{name} {value:.4f}" for name, value in row.items()))
    if accept:
        FLOORS.write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")
        GOLDEN_OUTPUT.write_text(digest + "\n", encoding="ascii")
        return 0
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    below_floor = [
        f"{track} {name}: {figures[track][name]:.4f}, floor {floor:.4f}"
        for track, row in floors["figures"].items()
        for name, floor in row.items()
        if (figures[track][name] - floor) * (1 if name in _HIGHER_IS_BETTER else -1) < -_TOLERANCE
    ]
    for line in below_floor:
        print("worse than its floor:", line, file=sys.stderr)
    changed = digest != golden_output()
    if changed and not below_floor:
        print("the output changed; if that is meant: python -m benchmarks.gate --accept", file=sys.stderr)
    return 1 if below_floor or changed else 0


if __name__ == "__main__":
    sys.exit(main())
