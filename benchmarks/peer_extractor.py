"""Another extractor's text of each labelled page, for `benchmarks.extractor_table`.

    python peer_extractor.py EXTRACTOR PAGES > OUTPUTS.jsonl

Run by an interpreter that has the extractor: readability-lxml, rs-trafilatura (Python 3.12) or trafilatura. Writes one
line a page, `{"name": "set/id", "text": …, "seconds": CPU time}`; the text is "" where the extractor fails, with the
words of its error in `error`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)")


def decode(page: bytes) -> str:
    """Return the text of a page: UTF-8 where it is valid, else by the charset that it declares."""
    for label in ("utf-8", *(found.decode("ascii") for found in _CHARSET.findall(page[:20000])), "cp1252"):
        try:
            return page.decode(label)
        except (UnicodeDecodeError, LookupError):
            continue
    return page.decode("utf-8", "replace")


def _trafilatura(**options: Any) -> Callable[[bytes, str | None], str]:
    import trafilatura  # noqa: PLC0415  (each extractor has an interpreter of its own)

    return lambda page, url: trafilatura.extract(page, url=url, **options) or ""


def _readability() -> Callable[[bytes, str | None], str]:
    import lxml.html  # noqa: PLC0415
    import readability  # noqa: PLC0415

    def extract(page: bytes, _url: str | None) -> str:
        tree: Any = lxml.html.fromstring(readability.Document(decode(page)).summary())
        for element in tree.iter("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "div", "br", "tr", "td", "pre"):
            element.tail = "\n" + (element.tail or "")
            element.text = "\n" + (element.text or "")
        return str(tree.text_content())

    return extract


def _rs_trafilatura() -> Callable[[bytes, str | None], str]:
    import rs_trafilatura  # noqa: PLC0415

    return lambda page, url: rs_trafilatura.extract(decode(page), url=url).main_content or ""


EXTRACTORS: dict[str, Callable[[], Callable[[bytes, str | None], str]]] = {
    "trafilatura": _trafilatura,
    "trafilatura-without-comments": lambda: _trafilatura(include_comments=False),
    "trafilatura-precision": lambda: _trafilatura(include_comments=False, favor_precision=True),
    "readability-lxml": _readability,
    "rs-trafilatura": _rs_trafilatura,
}


def main() -> None:
    """Extract the text of each page that has a gold text, and write a line for it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extractor", choices=EXTRACTORS)
    parser.add_argument("pages", type=Path)
    options = parser.parse_args()
    extract = EXTRACTORS[options.extractor]()
    for description in sorted(options.pages.glob("*/*.json")):
        labelled = json.loads(description.read_text(encoding="utf-8"))
        if labelled.get("gold_text") is None:
            continue
        page = gzip.decompress(description.with_suffix(".html.gz").read_bytes())
        line: dict[str, Any] = {"name": f"{description.parent.name}/{description.stem}", "text": ""}
        start = time.process_time()
        try:
            line["text"] = extract(page, labelled.get("url"))
        except Exception as error:
            line["error"] = str(error)
        line["seconds"] = time.process_time() - start
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
