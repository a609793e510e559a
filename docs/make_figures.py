"""Make the README's picture of a report and write down the figures in it: `python docs/make_figures.py [CORPUS]`.

CORPUS is the corpus of `scrapy crawl seeds`, by default `out/seeds`. The picture is a screenshot of its `report.html`
by Debian's chromium (`apt-get install chromium fonts-noto-core`). A test compares the figures, in
`docs/images/report.json`, with those of a new run (tests/integration/test_documentation.py), so that no browser is
needed to know whether the picture is up to date.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).resolve().parent / "images"
SHOWN = ("inputs", "states", "all", "checks")
"""The keys of `report.json` whose values the picture shows in full."""


def figures(corpus: Path) -> dict[str, Any]:
    """Return the figures of the report in `corpus` that the picture shows; of languages and sites their number."""
    report = json.loads((corpus / "report" / "report.json").read_text(encoding="utf-8"))
    counts = {name: report[name]["count"] for name in ("languages", "sites")}
    return {name: report[name] for name in SHOWN} | counts


def screenshot(page: Path, picture: Path) -> None:
    """Write the top of an HTML file as a PNG of 1280 by 1600 pixels."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(page, Path(folder) / "report.html")
        subprocess.run(
            [
                "/usr/bin/chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--window-size=1280,1600",
                "--screenshot=report.png",
                "report.html",
            ],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=120,
        )
        shutil.copy(Path(folder) / "report.png", picture)


def main() -> None:
    """Write the picture and its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="?", default=Path("out/seeds"))
    corpus = parser.parse_args().corpus
    screenshot(corpus / "report" / "report.html", IMAGES / "report.png")
    text = json.dumps(figures(corpus), ensure_ascii=False, indent=1)
    (IMAGES / "report.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
