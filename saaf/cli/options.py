"""Arguments and options of commands: those that several share, that have a path, or that have a long help text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saaf.cli.choices import Contained, Linkage, Rights, Stage
from saaf.corpus.engine_names import EngineName
from saaf.corpus.limits import MAX_WORKERS

Engine = Annotated[
    EngineName,
    typer.Option(
        "--engine",
        help="What runs the build: local (processes of this machine), ray or spark (a cluster; needs the extra ray "
        "or spark, and OUT and inputs on storage that all machines share).",
    ),
]


Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT",
        help="Files, or directories of them: WARC, ARC, WACZ, HTML, text, JSON, JSON Lines, CSV, Parquet, Arrow; - is "
        "standard input.",
    ),
]
TextColumn = Annotated[
    str | None,
    typer.Option(
        "--text-column",
        metavar="NAME",
        help="Column that holds the text, in tables; a column named html holds HTML.",
        show_default="the first known by its name: text, content, raw_content …, html",
    ),
]
HtmlColumn = Annotated[
    str | None,
    typer.Option(
        "--html-column", metavar="NAME", help="Column that holds HTML, in tables; the text's where it is null."
    ),
]
UrlColumn = Annotated[
    str | None,
    typer.Option(
        "--url-column",
        metavar="NAME",
        help="Column that holds the URL, in tables (metadata.url: in an object).",
        show_default="the first known by its name: url, uri, u, metadata.url …",
    ),
]
IdColumn = Annotated[
    str | None,
    typer.Option(
        "--id-column",
        metavar="NAME",
        help="Column that holds the id, in tables; kept where no two documents share one.",
        show_default="the first known by its name: id, doc_id …",
    ),
]
ReplaceColumn = Annotated[
    list[str] | None,
    typer.Option(
        "--replace-column",
        metavar="NAME",
        help="Make id, dump or language anew where tables state it; theirs is then in input_NAME. Repeat for more.",
    ),
]
BodyLimit = Annotated[
    int | None,
    typer.Option(
        "--body-limit",
        metavar="MB",
        min=1,
        help="Leave out bodies with more megabytes, unpacked; parsing takes about twenty times as much memory.",
        show_default="16",
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold",
        help="Jaccard similarity from which two texts are near-duplicates, 0.05 to 1.",
        show_default="0.7",
    ),
]
Dump = Annotated[
    str,
    typer.Option(
        "--dump",
        help="Name of the crawl or collection, for the column `dump`. Tables that state one keep it unless "
        "this is given.",
    ),
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        metavar="RULE",
        help="Do not remove what this rule removes; repeat for more (html.caption, '*.photo_credit').",
    ),
]
SplitAppended = Annotated[
    bool,
    typer.Option("--split-appended", help="Make a separate document of each article that a page prints after its own."),
]
Rules = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        help="Directory of language packs of your own (hi.toml), applied after saaf's; repeat for more.",
    ),
]
LanguageModel = Annotated[
    Path | None,
    typer.Option(
        "--lid",
        metavar="FILE",
        envvar="SAAF_LID",
        help="fastText model that names the languages (GlotLID, OpenLID), in place of the built-in identifiers.",
    ),
]
_RIGHTS = typer.Option(
    "--rights",
    help="What becomes of documents whose publishers reserve them from training: record (keep them; columns say so)"
    " or skip (leave them out).",
)
RightsChoice = Annotated[Rights, _RIGHTS]
Agent = Annotated[
    str,
    typer.Option(
        "--agent",
        metavar="TOKEN",
        help="Name by which robots.txt and rights signals may address the crawler, for captures of others: captures of "
        "saaf record it. Signals to any of these names count.",
        show_default="saaf",
    ),
]
OptionalRights = Annotated[Rights | None, _RIGHTS]
QualityFilter = Annotated[
    list[str] | None,
    typer.Option(
        "--quality-filter",
        metavar="NAME",
        help="Leave out documents that fail a threshold of quality: gopher, c4 or fineweb (English), fineweb2 (21 "
        "languages), derived (from this corpus), or FILE.toml; repeat for more.",
    ),
]
SkipTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--skip-types",
        metavar="TYPES",
        help="Leave out pages that surely have no content of their own: all, or some of listing,error,login,consent.",
    ),
]
Redact = Annotated[
    list[str] | None,
    typer.Option(
        "--redact",
        metavar="KINDS",
        help="Replace personal data in all texts that are published: all, or some of email, ipv4, ipv6, phone, iban "
        "and card (email,phone).",
    ),
]
ParagraphLanguages = Annotated[
    bool,
    typer.Option(
        "--paragraph-languages", help="Identify the language of each paragraph, for documents in several languages."
    ),
]
Markdown = Annotated[
    bool,
    typer.Option(
        "--markdown",
        help="Fill the column `markdown`: the clean text with headings, lists, tables, code and links (CommonMark).",
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Directory to write the corpus to.")]
WorkDirectory = Annotated[
    Path | None,
    typer.Option(
        "--work",
        metavar="DIR",
        help="Where a corpus for a URL (-o s3://…) is built before it is uploaded.",
        show_default="TMPDIR, or the current directory",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        "-j",
        metavar="N",
        min=1,
        max=MAX_WORKERS,
        help="Number of worker processes.",
        show_default="one for each processor",
    ),
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        "-l",
        metavar="CODE",
        help="Keep only this language, an ISO 639 code such as hi, hin or hin_Deva; repeat for more.",
    ),
]
MinWords = Annotated[
    int | None,
    typer.Option(
        "--min-words",
        metavar="N",
        min=0,
        help="Leave out documents with fewer words (characters count half in scripts without spaces).",
        show_default="20",
    ),
]
MaxLost = Annotated[
    float | None,
    typer.Option(
        "--max-lost",
        metavar="SHARE",
        min=0,
        max=1,
        help="Publish nothing where a language or host of 50 documents loses a larger share (such as 0.9) at one step.",
        show_default="1",
    ),
]
MaxUnreadable = Annotated[
    float | None,
    typer.Option(
        "--max-unreadable",
        metavar="SHARE",
        min=0,
        max=1,
        help="Publish nothing where a larger share of the inputs is unreadable.",
        show_default="0.5, from 20 inputs on",
    ),
]
FromStage = Annotated[
    Stage | None,
    typer.Option(
        "--from",
        metavar="STAGE",
        help="Do the kept work of an unfinished build again from this stage on: read, sites, rows, captures, decide or "
        "publish.",
    ),
]
Profiles = Annotated[
    Path | None,
    typer.Option(
        "--profiles",
        metavar="DIR",
        help="Directory of what is learned about each site: builds read it, and add to it.",
    ),
]
Fast = Annotated[
    bool, typer.Option("--fast", help="Clean pages by their site's template alone where --profiles knows it.")
]
Indexes = Annotated[
    list[Path] | None,
    typer.Option(
        "--index",
        metavar="INDEX",
        help="Compare with an index of older documents too (see `saaf index`), and add the new ones to it. Can be "
        "given several times, with --add-to or --no-add.",
    ),
]
AddTo = Annotated[
    Path | None,
    typer.Option("--add-to", metavar="INDEX", help="Which of several indexes the documents are added to."),
]
NoAdd = Annotated[bool, typer.Option("--no-add", help="Only compare with the indexes; change none of them.")]
Metadata = Annotated[
    bool,
    typer.Option(
        "--metadata",
        help="Identify languages and read titles, authors and dates of plain texts: ten times the CPU of short texts.",
    ),
]
Paragraphs = Annotated[
    str,
    typer.Option(
        "--paragraphs",
        metavar="CHOICE",
        help="Paragraphs that several documents have: report (list them), keep-first (remove all but the first) "
        "or over-hosts=N (remove those on more than N hosts).",
    ),
]
Clusters = Annotated[
    Linkage,
    typer.Option(
        "--clusters",
        help="How clusters are made: star (each text is similar to the kept one) or components (chains).",
    ),
]
Containment = Annotated[
    float | None,
    typer.Option(
        "--containment",
        metavar="SHARE",
        min=0.05,
        max=1,
        help="Look for documents of which this share (such as 0.8) stands inside a longer one, quotations and copies.",
    ),
]
ContainedChoice = Annotated[
    Contained,
    typer.Option(
        "--contained",
        help="What becomes of them: report (list them) or remove (set them aside for the longer one). "
        "Needs --containment.",
    ),
]
OutputFile = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="File to write to, instead of standard output; a directory, as in DIR/, gets a file per document.",
    ),
]
Corpus = Annotated[Path, typer.Argument(metavar="DIR", help="Directory of a corpus.")]
