"""The command line of `saaf crawl` and `saaf status`: their arguments, options and help."""

# A command imports what it needs when it runs, as in `saaf.cli.app`.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from saaf.cli import options  # noqa: TC001  (Typer reads its types at run time)

Urls = Annotated[
    list[str] | None,
    typer.Argument(metavar="URL", help="URLs to start at; a spider that has start URLs of its own takes none."),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT", help="Directory for the raw responses and the corpus.")
]
Spider = Annotated[
    str | None,
    typer.Option(
        "--spider",
        metavar="NAME",
        help="A shipped spider, one of the Scrapy project in this directory, or a Python file that has one.",
        show_default="web",
    ),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only articles of this day or later (2026-01-31).")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only articles of this day or earlier (2026-01-31).")
]
MaxPages = Annotated[
    int | None,
    typer.Option(
        "--max-pages",
        metavar="N",
        min=0,
        help="End this run after so many pages (no robots.txt, sitemaps, feeds or errors); 0 for no limit.",
    ),
]
Depth = Annotated[
    int | None,
    typer.Option("--depth", metavar="N", min=0, help="Follow links so many steps from the start; 0 for no limit."),
]
UserAgent = Annotated[
    str | None,
    typer.Option("--user-agent", metavar="NAME", help="What the crawler calls itself: a name and how to reach you."),
]
NoBuild = Annotated[bool, typer.Option("--no-build", help="Only crawl; `saaf build OUT/capture -o OUT` builds later.")]
Fixtures = Annotated[
    list[Path] | None,
    typer.Option("--fixtures", metavar="DIR", help="Replay saved pages in place of the network; repeat for more."),
]
Source = Annotated[
    list[Path] | None,
    typer.Option("--source", metavar="WARC", help="Replay a WARC in place of the network; repeat for more."),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Begin anew: what OUT has of earlier crawls is moved aside, not deleted.")
]
Feeds = Annotated[
    list[str] | None,
    typer.Option(
        "--feed",
        "-O",
        metavar="FILE",
        help="Write documents to this file too, as they come (.jsonl, .parquet, .csv); -:jsonl is standard output.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="File with settings of the build (see `saaf config`).",
        show_default="saaf.toml in this directory, where there is one",
    ),
]
SettingValues = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="NAME=VALUE", help="A setting of Scrapy or of saaf.")
]
SpiderArguments = Annotated[
    list[str] | None, typer.Option("--argument", "-a", metavar="NAME=VALUE", help="An argument of the spider.")
]
CrawlOutput = Annotated[Path, typer.Argument(metavar="OUT", help="Output directory of a crawl or a build.")]


def crawl(
    output: Output,
    urls: Urls = None,
    spider: Spider = None,
    since: Since = None,
    until: Until = None,
    max_pages: MaxPages = None,
    depth: Depth = None,
    user_agent: UserAgent = None,
    fixtures: Fixtures = None,
    source: Source = None,
    fresh: Fresh = False,
    no_build: NoBuild = False,
    feeds: Feeds = None,
    languages: options.Languages = None,
    min_tokens: options.MinWords = None,
    threshold: options.Threshold = None,
    profiles: options.Profiles = None,
    fast: options.Fast = False,
    keep: options.Keep = None,
    split_appended: options.SplitAppended = False,
    rules: options.Rules = None,
    lid: options.LanguageModel = None,
    rights: options.OptionalRights = None,
    quality_filter: options.QualityFilter = None,
    skip_types: options.SkipTypes = None,
    redact: options.Redact = None,
    paragraph_languages: options.ParagraphLanguages = False,
    max_lost: options.MaxLost = None,
    max_unreadable: options.MaxUnreadable = None,
    workers: options.Workers = None,
    config: ConfigFile = None,
    settings: SettingValues = None,
    arguments: SpiderArguments = None,
) -> None:
    """Crawl sites and build a corpus of them: raw responses first, every URL with what became of it.

    ```sh
    saaf crawl https://www.example.org/ -o corpus/ --user-agent 'mycrawler (+https://www.example.org/crawler)'
    saaf crawl https://www.example.org/ -o corpus/ --since 2026-01-01 --max-pages 500 -O articles.jsonl
    saaf crawl --spider mysite.py -o corpus/ -s DOWNLOAD_DELAY=3
    saaf crawl https://www.example.org/ -o corpus/ --language hi --quality-filter fineweb2 --redact email,phone
    ```

    robots.txt is obeyed, and a site is asked slowly. Ctrl-C ends a crawl in order, and a second one at once; the same
    command goes on. A feed (`-O`) has the documents of this run, the corpus those of all. It needs no Scrapy project;
    where there is one, `scrapy crawl NAME` does the same with its settings. The options of `saaf build` that are here
    are for the corpus; of these --keep, --rights and --redact hold for a feed too. What cannot be said here can with
    `-s`: the settings of Scrapy and of saaf have a page of the reference.
    """
    from saaf.cli.commands import crawl as command

    limits = {"CLOSESPIDER_PAGECOUNT": max_pages, "DEPTH_LIMIT": depth, "USER_AGENT": user_agent}
    own = {"SAAF_OUTPUT": output, "SAAF_WORKERS": workers, "SAAF_FIXTURES": fixtures, "SAAF_SOURCE": source}
    cleaning = {"SAAF_CONFIG": config, "SAAF_KEEP": keep, "SAAF_RIGHTS": rights.value if rights else None}
    own |= {"SAAF_RULES": rules, "SAAF_LID": lid}
    flags = {"SAAF_FRESH": fresh or None, "SAAF_SPLIT_APPENDED": split_appended or None}
    wanted = {"SAAF_BUILD": False if no_build else None}
    build = {
        "language": languages,
        "min_words": min_tokens,
        "threshold": threshold,
        "profiles": str(profiles) if profiles else None,
        "fast": fast or None,
        "quality_filter": quality_filter,
        "skip_types": skip_types,
        "redact": redact,
        "paragraph_languages": paragraph_languages or None,
        "max_lost": max_lost,
        "max_unreadable": max_unreadable,
    }
    command.run_crawl(
        urls or (),
        spider,
        feeds=feeds or (),
        settings={**limits, **own, **cleaning, **flags, **wanted},
        build_options={key: value for key, value in build.items() if value is not None},
        more_settings=settings or (),
        arguments={"since": since, "until": until},
        more_arguments=arguments or (),
    )


def status(
    output: CrawlOutput,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show how a crawl or a build stands, while it runs or afterwards.

    Of a crawl: hosts, states of their URLs, reasons, rate, time to go. Of a build that has not ended: the steps done.

    ```sh
    saaf status corpus/
    saaf status corpus/ --json | jq .states
    ```
    """
    from saaf.cli.commands import status as command

    command.run_status(output, as_json=as_json)
