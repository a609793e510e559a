"""saaf.toml: its keys, what it refuses, what precedes it, and that it reaches each command and the build of a crawl."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main
from scrapy.settings import Settings

import saaf.crawler.settings
from saaf.cli.app import app
from saaf.cli.configuration import option_keys
from saaf.corpus.configuration import KEYS, ConfigurationError, read_configuration
from saaf.corpus.exit_codes import Exit
from saaf.corpus.rights import RightsPolicy
from saaf.crawler.config import Config, configuration_file
from tests.fasttext_models import train

Run = Callable[..., tuple[int, str, str]]
_NO_KEYS = {"output", "format", "from", "config"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(directory: Path, text: str, name: str = "saaf.toml") -> Path:
    (directory / name).write_text(text, encoding="utf-8")
    return directory / name


def test_each_option_that_is_no_place_has_a_key() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    found: set[str] = set()
    for name in ("build", "dedupe", "clean"):
        context = commands[name].make_context(name, ["x", "-o", "x.jsonl"])
        found |= {key for key, _ in option_keys(context)}
        options = {one.removeprefix("--").replace("-", "_") for each in commands[name].params for one in each.opts
                   if one.startswith("--")}  # fmt: skip
        assert options - set(KEYS) <= _NO_KEYS
    assert found == set(KEYS)


def test_without_a_file_there_are_no_values(project: Path) -> None:
    assert read_configuration().values == {}
    with pytest.raises(ConfigurationError, match=r"other\.toml: No such file"):
        read_configuration(Path("other.toml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min-words = 3", "the key 'min-words', which is none: did you mean min_words"),
        ("Treshold = 0.8", "did you mean threshold"),
        ("xyzzy = 1", "the keys are language, min_words"),
        ('workers = "2"', "workers is a whole number, not '2'"),
        ("workers = true", "workers is a whole number"),
        ("fast = 1", "fast is true or false"),
        ('language = "hi"', "language is a list of texts"),
        ('dump = ""', "dump is a text in quotation marks"),
        ("fast = ", "is not TOML"),
        ("crawl = 3", "crawl is a table: write [crawl]"),
        ("[crawl]\nuser-agent = 'x'", "[crawl] has the key 'user-agent', which is none: did you mean user_agent"),
        ("[crawl]\nuser_agent = ''", "user_agent of [crawl] is a text in quotation marks"),
        ("[crawl]\ndepth = -1", "depth of [crawl] is a whole number, 0 for no limit, not -1"),
        ("[crawl]\nmax_pages = true", "max_pages of [crawl] is a whole number"),
        ("[crawl]\nsince = 'January'", "since of [crawl] is a day such as 2026-01-31, not 'January'"),
        ("[crawl]\nuntil = 2026-01-31T10:00:00", "until of [crawl] is a day such as 2026-01-31"),
        ("[crawl]\nsettings = 3", "settings of [crawl] is a table"),
        ("[crawl.settings]\ndelay = 3", "[crawl.settings] has 'delay': settings have names such as DOWNLOAD_DELAY"),
        ("[crawl.settings]\nSAAF_OUTPUT = 'x'", "cannot have SAAF_OUTPUT: --output says where"),
        ("[crawl.settings]\nX = 2026-01-31", "X of [crawl.settings] is a day: write it in quotation marks"),
    ],
)
def test_what_a_file_may_not_have_is_said_in_a_sentence(project: Path, text: str, words: str) -> None:
    write(project, text)
    with pytest.raises(ConfigurationError) as error:
        read_configuration()
    assert words in str(error.value)
    assert str(error.value).startswith("saaf.toml")


def shown(run: Run, *arguments: object) -> dict[str, dict[str, object]]:
    code, out, err = run("config", *arguments, "--json")
    assert (code, err) == (Exit.DONE, "")
    settings: dict[str, dict[str, object]] = json.loads(out)["settings"]
    return settings


def test_an_option_precedes_the_file_and_the_file_the_default(run: Run, project: Path) -> None:
    write(project, 'language = ["hi"]\nmin_words = 30\ncontained = "remove"\n')
    found = shown(run, "build", "--min-words", "7")
    assert found["min_words"] == {"value": 7, "from": "option"}
    assert found["language"] == {"value": ["hi"], "from": "saaf.toml"}
    assert found["threshold"] == {"value": 0.7, "from": "default"}
    assert found["body_limit"] == {"value": 16, "from": "default"}
    assert found["fast"] == {"value": False, "from": "default"}
    assert found["keep"] == {"value": [], "from": "default"}
    assert found["workers"] == {"value": None, "means": "one for each processor", "from": "default"}
    assert found["profiles"] == {"value": None, "means": "none", "from": "default"}
    assert found["agent"] == {"value": None, "means": "saaf", "from": "default"}
    assert "contained" not in found
    assert shown(run, "dedupe")["contained"] == {"value": "remove", "from": "saaf.toml"}
    code, out, _ = run("config")
    assert code == Exit.DONE
    assert ["min_words", "30", "saaf.toml"] in [line.split() for line in out.splitlines()]
    write(project, f'profiles = "{"p" * 90}"\nparagraph_languages = true\n')
    code, out, _ = run("config")
    columns = {line.index(line.split()[-1], 60) for line in out.splitlines()}
    assert (code, len(columns)) == (Exit.DONE, 1), "the last column begins at one place"


def test_what_the_build_after_a_crawl_uses_is_shown(run: Run, project: Path) -> None:
    write(project, 'min_words = 30\nclusters = "components"\n')
    found = shown(run, "crawl")
    assert found["min_words"] == {"value": 30, "from": "saaf.toml"}
    assert found["dump"]["means"] == "the name of the spider"
    assert not {"clusters", "engine", "index"} & set(found)


def test_another_file_is_named(run: Run, project: Path) -> None:
    write(project, "min_words = 30\n")
    other = write(project, "min_words = 40\n", "other.toml")
    assert shown(run, "--config", other)["min_words"] == {"value": 40, "from": str(other)}


def test_a_wrong_value_is_told_with_its_file(run: Run, project: Path) -> None:
    write(project, "workers = 0\n")
    code, _, err = run("build", "x", "-o", "out")
    assert (code, err) == (Exit.CONFIGURATION, "saaf: saaf.toml: workers is a number from 1 to 1000, not 0\n")
    write(project, "languag = 'hi'\n")
    code, _, err = run("build", "x", "-o", "out")
    assert (code, err) == (
        Exit.CONFIGURATION,
        "saaf: saaf.toml has the key 'languag', which is none: did you mean language\n",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("threshold = 7", "saaf.toml: threshold is a number from 0.05 to 1, not 7"),
        ('language = ["hindi"]', "saaf.toml: language cannot be used: "),
        ('keep = ["html.captoin"]', "saaf.toml: keep cannot be used: "),
        ('redact = ["emails"]', "saaf.toml: redact cannot be used: "),
        ("min_words = -1", "saaf.toml: min_words is a number from 0 on, not -1"),
        ('rights = "keep"', "saaf.toml: rights is one of record, skip, not 'keep'"),
        ('quality_filter = ["gofer"]', "saaf.toml: quality_filter cannot be used: "),
        ('paragraphs = "all"', "saaf.toml: paragraphs cannot be used: "),
        ('rules = ["none/"]', "saaf.toml: rules cannot be used: "),
        ("containment = 0.01", "saaf.toml: containment is a number from 0.05 to 1, not 0.01"),
        ("max_lost = 1.5", "saaf.toml: max_lost is a number from 0 to 1, not 1.5"),
    ],
)
def test_a_value_that_a_build_refuses_is_refused_by_each_command_in_the_same_words(
    run: Run, project: Path, text: str, words: str
) -> None:
    write(project, text)
    write(project, "a text\n", "in.txt")
    said = {run(*command) for command in (("config",), ("config", "dedupe"), ("build", "in.txt", "-o", "out"),
                                          ("dedupe", "in.txt", "-o", "out"), ("clean", "in.txt"))}  # fmt: skip
    assert len(said) == 1
    code, out, err = said.pop()
    assert (code, out, err.count("\n")) == (Exit.CONFIGURATION, "", 1)
    assert err.startswith(f"saaf: {words}")


def test_values_at_their_limits_are_used(run: Run, project: Path) -> None:
    write(project, 'threshold = 0.05\nmax_lost = 0\nmin_words = 0\nkeep = ["html.caption"]\nredact = ["email"]\n')
    assert run("config")[0] == Exit.DONE


def test_the_file_reaches_build_dedupe_and_clean(run: Run, project: Path) -> None:
    words = "der Hafen fror in der Nacht zu und die Boote kamen erst am Morgen zurück"
    rows = [{"body": words, "url": f"https://a.example/{number}"} for number in range(2)]
    write(project, "".join(json.dumps(row) + "\n" for row in rows), "in.jsonl")
    write(project, 'text_column = "body"\ndump = "2026-50"\nmin_words = 10\nworkers = 1\n')
    for command in ("build", "dedupe"):
        assert run(command, "in.jsonl", "-o", command)[0] == Exit.DONE
        settings = json.loads((project / command / "manifest.json").read_text())["settings"]
        assert (settings["text_column"], settings["dump"]) == ("body", "2026-50")
    assert json.loads((project / "build" / "manifest.json").read_text())["settings"]["min_tokens"] == 10
    code, out, _ = run("clean", "in.jsonl", "--format", "jsonl")
    assert code == Exit.DONE
    assert words in json.loads(out.splitlines()[0])["text"]


def crawl(**given: object) -> Config:
    settings = Settings()
    settings.setmodule(saaf.crawler.settings, priority="project")
    for name, value in given.items():
        settings.set(name, value, priority="cmdline")
    return Config.from_settings(settings, "web")


def test_the_file_reaches_the_build_of_a_crawl_and_settings_precede_it(project: Path) -> None:
    write(
        project,
        'keep = ["html.caption"]\nrights = "skip"\nsplit_appended = true\nworkers = 3\n'
        'language = ["hi"]\nbody_limit = 2\n',
    )
    config = crawl()
    assert (config.keep, config.rights, config.split_appended, config.workers) == (
        ("html.caption",), RightsPolicy.SKIP, True, 3,
    )  # fmt: skip
    fields = config.configuration.build_fields()
    assert (fields["languages"], fields["body_limit"]) == (("hi",), 2 << 20)
    config = crawl(SAAF_KEEP="html.share", SAAF_RIGHTS="record", SAAF_WORKERS=1)
    assert (config.keep, config.rights, config.workers) == (("html.share",), RightsPolicy.RECORD, 1)
    other = write(project, "workers = 4\n", "other.toml")
    assert crawl(SAAF_CONFIG=str(other)).workers == 4


def test_packs_and_a_language_model_reach_the_build_of_a_crawl(project: Path) -> None:
    for name in ("mine", "theirs"):
        (project / name).mkdir()
        (project / name / "hi.toml").write_text("language = ", encoding="utf-8")
    train(project / "tiny.bin", {"eng_Latn": ["the ferry"], "hin_Latn": ["mera bhai"]})
    write(project, 'rules = ["mine"]\nlid = "tiny.bin"\n')
    assert (crawl().rules, crawl().lid) == ((Path("mine"),), Path("tiny.bin"))
    assert crawl(SAAF_RULES="theirs").rules == (Path("theirs"),)
    (project / "tiny.bin").write_bytes(b"broken")
    with pytest.raises(ValueError, match=r"SAAF_LID: .*tiny.bin is no fastText model"):
        crawl()
    write(project, 'rules = ["nowhere"]\n')
    with pytest.raises(ValueError, match=r"SAAF_RULES: nowhere is no directory"):
        crawl()
    with pytest.raises(ValueError, match=r"SAAF_LID: .*missing.bin cannot be read"):
        crawl(SAAF_RULES="mine", SAAF_LID="missing.bin")


def test_a_file_that_is_wrong_ends_a_crawl_before_it_begins(project: Path) -> None:
    write(project, "languag = 'hi'\n")
    with pytest.raises(ValueError, match="did you mean language"):
        crawl()


CARD = """
language = ["hi"]
[card]
name = "hindi-news"
pretty_name = "Hindi news"
licence = "cc-by-4.0"
publisher = "Institute of Language <b>"
contact = "corpus@example.org"
purpose = \"\"\"Training of
language models\"\"\"
citation = \"\"\"@misc{hindinews,
  title = {Hindi news}
}\"\"\"
"""
PAGE = "<html><body><h1>T</h1><p>" + "वाराणसी में गंगा के घाटों पर आज सुबह हज़ारों श्रद्धालु पहुँचे। " * 8 + "</p></body></html>"


def test_what_the_table_card_says_is_in_the_card_and_the_croissant_metadata(project: Path, run: Run) -> None:
    write(project, CARD)
    write(project, PAGE, "page.html")
    code, _, err = run("build", "page.html", "-o", "out", "--workers", "1")
    assert code == 0, err
    card = (project / "out/README.md").read_text(encoding="utf-8")
    for line in (
        'pretty_name: "Hindi news"', 'license: "cc-by-4.0"', "# `Hindi news`",
        "| publisher | `Institute of Language <b>` |",
        "| contact | `corpus@example.org` |", "| purpose | `Training of language models` |", "  title = {Hindi news}",
        "| purpose of the crawl | `Training of language models` |", "| crawler contact | `corpus@example.org` |",
    ):  # fmt: skip
        assert line in card
    assert "`card." not in card  # not among the settings that texts depend on
    assert "Author and address: not recorded" not in card
    croissant = json.loads((project / "out/croissant.json").read_text(encoding="utf-8"))
    assert (croissant["name"], croissant["alternateName"]) == ("hindi-news", "Hindi news")
    assert croissant["publisher"] == {
        "@type": "sc:Organization", "name": "Institute of Language <b>", "email": "corpus@example.org",
    }  # fmt: skip
    assert croissant["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert croissant["citeAs"].startswith("@misc{hindinews")
    documents = {path.name: path.read_bytes() for path in (project / "out/data").rglob("*.parquet")}
    write(project, CARD.replace("Institute", "Academy").replace("cc-by-4.0", "https://example.org/terms"))
    assert run("build", "page.html", "-o", "out", "--workers", "1")[0] == 0
    card = (project / "out/README.md").read_text(encoding="utf-8")
    assert 'license: "other"' in card
    assert "license_link: " in card
    assert "Academy of Language" in card
    assert {path.name: path.read_bytes() for path in (project / "out/data").rglob("*.parquet")} == documents
    assert run("dedupe", "out/data", "-o", "unique", "--workers", "1")[0] == 0
    assert "Academy of Language" in (project / "unique/README.md").read_text(encoding="utf-8")
    assert crawl().configuration.build_fields()["card"].publisher == "Academy of Language <b>"


def test_saaf_config_shows_the_table_card(project: Path, run: Run) -> None:
    write(project, CARD)
    lines = {line.split()[0]: line for line in run("config")[1].splitlines()}
    assert lines["card.licence"].split() == ["card.licence", '"cc-by-4.0"', "saaf.toml"]
    assert "card.licence" not in run("config", "clean")[1]
    found = json.loads(run("config", "crawl", "--json")[1])["settings"]
    assert found["card.name"] == {"value": "hindi-news", "from": "saaf.toml"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[card]\nlicense = "x"', r"saaf.toml: \[card\] has the key 'license', which is none: did you mean licence"),
        ('card = "x"', "card is a table: write"),
        ("[card]\nname = 3", "name of the card is text that can be printed, not 3"),
        ('[card]\nname = "a\\nb"', "name of the card is text that can be printed"),
        ('[card]\npublisher = " "', "publisher of the card is empty"),
    ],
)
def test_a_table_card_that_cannot_be_used_is_refused(project: Path, text: str, words: str) -> None:
    write(project, text)
    with pytest.raises(ConfigurationError, match=words):
        read_configuration()


def test_the_table_of_a_crawl_is_shown_with_what_holds_without_it(run: Run, project: Path) -> None:
    write(project, "[crawl]\ndepth = 0\nsince = 2026-01-31\n[crawl.settings]\nDOWNLOAD_DELAY = 2.5\n")
    found = shown(run, "crawl")
    assert found["crawl.depth"] == {"value": 0, "from": "saaf.toml"}
    assert found["crawl.since"] == {"value": "2026-01-31", "from": "saaf.toml"}
    assert found["crawl.settings.DOWNLOAD_DELAY"] == {"value": 2.5, "from": "saaf.toml"}
    assert found["crawl.max_pages"] == {"value": None, "means": "that of the spider", "from": "default"}
    assert not any(key.startswith("crawl.") for key in shown(run, "build"))


def test_a_crawl_takes_its_defaults_from_the_file_that_its_settings_name(project: Path) -> None:
    write(project, "[crawl]\ndepth = 3\n")
    named = write(project, "[crawl]\ndepth = 7\n", "other.toml")
    assert configuration_file(Settings()).crawl.settings == {"DEPTH_LIMIT": 3}
    assert configuration_file(Settings({"SAAF_CONFIG": str(named)})).crawl.settings == {"DEPTH_LIMIT": 7}
