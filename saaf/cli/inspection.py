"""The command line of `saaf verify`, `diff`, `replay`, `find` and `rules`: their arguments, options and help."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from saaf.cli import configuration as cli_configuration
from saaf.cli import options

_COMMANDS = "saaf.cli.commands.inspection"  # imported when a command runs, as in `saaf.cli.app`

Corpus = Annotated[Path, typer.Argument(metavar="OUT", help="Directory of a corpus.")]
Old = Annotated[Path, typer.Argument(metavar="A", help="Directory of the older corpus.")]
New = Annotated[Path, typer.Argument(metavar="B", help="Directory of the newer corpus.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Document = Annotated[str, typer.Argument(metavar="ID", help="Id or URL of a document, or its key in the ledger.")]
ReplayInputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="INPUT",
        help="What the corpus was built from; repeat for more.",
        show_default="in this directory, in OUT or beside it",
    ),
]
Rules = options.Rules
Config = cli_configuration.Config
Text = Annotated[str, typer.Argument(metavar="TEXT", help="A few words, in any script.")]
SearchedCorpus = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        "-c",
        metavar="OUT",
        help="Directory of the corpus.",
        show_default="this directory, and each in out/",
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", "-n", metavar="N", min=0, help="End after this many documents; 0 for no limit.")
]

Top = Annotated[
    int, typer.Option("--top", metavar="N", min=0, help="Name this many hosts, those that changed most; 0 for all.")
]


def verify(corpus: Corpus, as_json: AsJson = False) -> None:
    """Check that a corpus is whole and that everything in it fits together.

    ```sh
    saaf verify corpus/
    saaf verify corpus/ --json | jq .sound
    ```

    Checked are the checksums of all files, that the files of each table are numbered through, columns and order of
    the tables, that the ledger has each input once, and the documents that it says; that each text is the text as read
    less its removals; and that each near-duplicate has a kept document. A publication that was killed is finished
    first. The exit code is 9 where something is wrong.
    """
    import_module(_COMMANDS).run_verify(corpus, as_json=as_json)


def diff(old: Old, new: New, top: Top = 25, as_json: AsJson = False) -> None:
    """Show what changed from one corpus to another: documents, removals by rule, states by language and host.

    ```sh
    saaf diff monday/ tuesday/
    saaf diff before/ after/ --json | jq .rules
    ```

    A document is the same where its id is; a changed one has another clean text. Of the others, those whose rights for
    training or search changed are counted too. The hosts that changed most are named, the others summed.
    """
    import_module(_COMMANDS).run_diff(old, new, top=top, as_json=as_json)


def replay(
    corpus: Corpus,
    document: Document,
    inputs: ReplayInputs = None,
    rules: Rules = None,
    as_json: AsJson = False,
    _config: Config = None,
) -> None:
    """Replay a document: its removals one after the other, and its input read and cleaned once more.

    ```sh
    saaf replay corpus/ 1b2c3d4e5f607182
    saaf replay corpus/ https://www.example.org/story --input crawl.warc.gz
    saaf replay corpus/ 1b2c3d4e5f607182 --rules packs/
    ```

    The page is cleaned by itself: removals that were learned from other pages of its site are listed apart. Name the
    language packs of your own that the corpus was built with (`--rules`, or `rules` in saaf.toml): the corpus does not
    hold them. The exit code is 9 where the text is not that of the corpus.
    """
    import_module(_COMMANDS).run_replay(corpus, document, inputs or [], rules=rules or (), as_json=as_json)


def find(text: Text, corpus: SearchedCorpus = None, limit: Limit = 20, as_json: AsJson = False) -> None:
    """Find a text in a corpus: in which documents it stands, kept or removed, and by which rule.

    ```sh
    saaf find 'leave a reply' --corpus corpus/
    saaf find 'ٹوئٹر پر شیئر کریں' --corpus corpus/ --json | jq .key
    ```

    Case, punctuation, line breaks and code points that look alike make no difference; the first and the last word may
    be a part of one. Documents that are not kept are searched too. With --json each document is a line.
    """
    import_module(_COMMANDS).run_find(text, corpus, limit=limit, as_json=as_json)


def rules(
    rule: Annotated[str | None, typer.Argument(metavar="ID", help="Show this rule with its examples.")] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="CODE", help="List only phrase rules of this language, such as hi."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", "-k", metavar="KIND", help="List only rules of this kind, such as related, tags or echo."
        ),
    ] = None,
) -> None:
    """List the cleaning rules, or show one with examples of what it removes and what it must keep.

    ```sh
    saaf rules
    saaf rules --language ur
    saaf rules echo.title
    ```
    """
    import_module("saaf.cli.commands.rules").run_rules(rule, language, kind)
