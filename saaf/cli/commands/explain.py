"""`saaf explain`: show a document of a corpus, a file or standard input, with its removals struck out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from saaf import cleaning
from saaf.cleaning import Track
from saaf.cleaning.model.feature_table import feature_table
from saaf.cli.commands import CommandError
from saaf.cli.commands.errors import corpus_errors, searched_corpora
from saaf.cli.commands.inputs import read_single_page
from saaf.cli.terminal import error_console, output_console, print_explanation
from saaf.corpus.corpus_tables import opened_corpus
from saaf.corpus.documents import find_document
from saaf.corpus.exit_codes import Exit
from saaf.corpus.explain import Explanation, to_json
from saaf.corpus.ledger import Failure
from saaf.corpus.page_tasks import attempt_page
from saaf.corpus.process_limits import Limits, call_in_child
from saaf.corpus.standard_input import STANDARD_INPUT

if TYPE_CHECKING:
    from saaf.cleaning import Page


def run_explain(name: str, corpus: Path | None, *, as_json: bool, features: bool = False) -> None:
    """Explain a file, standard input ("-"), or the document of that id or URL in a corpus.

    `corpus` None searches this directory and those in out/. With `features`, the model's probability and strongest
    features of each block are shown; there are none for a document of a corpus.
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
        print_explanation(output_console(), explanation)


def print_features(*, asked: bool, as_json: bool) -> None:
    """Print the table of features: name, group, tracks, stages and meaning, parted by tabs. Raises `CommandError` where
    it was not `asked` for, since then a document is missing.
    """
    if not asked:
        raise CommandError("name a file, or the id or URL of a document: saaf explain page.html", Exit.USAGE)
    rows = [asdict(row) for row in feature_table()]
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return
    for row in rows:
        stages = " and ".join(map(str, row["stages"]))
        cells = (row["name"], row["group"], ", ".join(row["tracks"]), f"stage {stages}", row["meaning"])
        sys.stdout.write("\t".join(cells) + "\n")


def _from_file(name: str, *, features: bool) -> Explanation:
    page = read_single_page(name)
    result = call_in_child(partial(_explain_page, page, features=features), Limits(), page.url)
    if isinstance(result, Failure):
        raise CommandError(f"{name}: {result.reason}", Exit.INPUT)
    explanation, track = result
    if features and track is Track.TEXT:
        error_console().print(
            f"{name}: on bare text the rules decide first, and the model only on what they leave of a page with menus; "
            "the features are those of every line as read"
        )
    return explanation


def _explain_page(page: Page, *, features: bool) -> tuple[Explanation, Track] | Failure:
    """Return the explanation of a page and its track, or why there is none."""

    def explain() -> tuple[Explanation, Track]:
        clean = cleaning.clean(cleaning.read(page))
        document = clean.document
        explanation = Explanation(
            id=document.id,
            url=document.url,
            title=document.metadata.title,
            language=document.language.code,
            text=document.text,
            removals=clean.removals,
            block_explanations=cleaning.explain_blocks(document) if features else None,
        )
        return explanation, document.track

    return attempt_page(page, explain)


def _from_corpora(name: str, corpus: Path | None) -> Explanation:
    corpora = searched_corpora(corpus)
    if not corpora:
        where = f"{corpus} is not a corpus" if corpus else "no such file, and no corpus here or in out/"
        raise CommandError(
            f"{name}: {where}; name a corpus with --corpus DIR, or build one with `saaf build`", Exit.INPUT
        )
    for path in corpora:
        with corpus_errors(path), opened_corpus(path):
            explanation = find_document(path, name)
        if explanation is not None:
            return explanation
    searched = ", ".join(str(path) for path in corpora)
    raise CommandError(
        f"{name}: no file and no document of that id or URL in {searched}; the ledger of a corpus has all inputs",
        Exit.INPUT,
    )
