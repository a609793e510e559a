"""`saaf explain`: a document of a corpus, a file or standard input, with what was removed struck out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from saaf import cleaning
from saaf.cleaning import Track, Unreadable
from saaf.cli.commands import CommandError
from saaf.cli.commands.inputs import STANDARD_INPUT, page_of
from saaf.cli.terminal import error_console, output_console, show
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import Explanation, to_json
from saaf.corpus.parquet import DamagedTableError, damage_named
from saaf.corpus.report.samples import find

if TYPE_CHECKING:
    from saaf.cleaning import Page


def run(name: str, corpus: Path | None, *, as_json: bool, features: bool = False) -> None:
    """Explain a file, standard input ("-"), or the document of that id or URL in `corpus` (None: look around).

    `features`: with what carried the model's decision on each block; there is none for a document of a corpus.
    """
    is_file = corpus is None and (name == STANDARD_INPUT or Path(name).is_file())
    explanation = _from_file(name, features=features) if is_file else None
    if Path(name).is_dir():
        raise CommandError(
            f"{name} is a directory: give a file, or the id or URL of a document and --corpus {name}", Exit.USAGE
        )
    explanation = explanation or _from_corpora(name, corpus)
    if features and not is_file:
        raise CommandError(
            f"{name}: features need the page itself, and a corpus holds its text only: give the page's file, as in "
            "`saaf explain page.html --features`",
            Exit.USAGE,
        )
    if as_json:
        sys.stdout.write(json.dumps(to_json(explanation), ensure_ascii=False, indent=1) + "\n")
    else:
        show(output_console(), explanation)


def _from_file(name: str, *, features: bool) -> Explanation:
    page: Page = page_of(name)
    try:
        clean = cleaning.clean(cleaning.read(page))
    except Unreadable as error:
        raise CommandError(f"{name}: {error}", Exit.INPUT) from error
    document = clean.document
    if features and document.track is Track.TEXT:
        error_console().print(
            f"{name}: on bare text the rules decide first, and the model only on what they leave of a page with menus; "
            "the features are those of every line as read"
        )
    return Explanation(
        id=document.id,
        url=document.url,
        title=document.metadata.title,
        language=document.language.code,
        text=document.text,
        removals=clean.removals,
        weighed=cleaning.explain_blocks(document) if features else None,
    )


def _from_corpora(name: str, corpus: Path | None) -> Explanation:
    corpora = [corpus] if corpus else [Path(), *sorted(Path("out").glob("*/"))]
    corpora = [path for path in corpora if (path / "originals.parquet").is_file()]
    if not corpora:
        where = f"{corpus} is not a corpus" if corpus else "no such file, and no corpus here or in out/"
        raise CommandError(
            f"{name}: {where}; name a corpus with --corpus DIR, or build one with `saaf build`", Exit.INPUT
        )
    for path in corpora:
        try:
            with damage_named(path):
                explanation = find(path, name)
        except DamagedTableError as error:
            raise CommandError(str(error), Exit.INPUT) from error
        if explanation is not None:
            return explanation
    looked = ", ".join(str(path) for path in corpora)
    raise CommandError(f"{name}: no file and no document of that id or URL in {looked}; see ledger.parquet", Exit.INPUT)
