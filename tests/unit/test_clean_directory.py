"""`saaf clean -o DIR/`: a file per document, named like its input; and one document in each format."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from saaf.cli.commands.document_files import document_name, safe_name
from saaf.corpus.exit_codes import Exit
from saaf.corpus.records import Record

Run = Callable[..., tuple[int, str, str]]

SENTENCE = (
    "<p>The council of the old harbour town decided on <b>Friday</b>, after {} long years of repairs and of quarrels, "
    'to open <a href="https://www.example.org/bridge">the bridge</a> again for all traffic.</p>'
)
PAGE = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1>{1}<pre>x = 1</pre></article></body></html>"


def page(title: str) -> str:
    return PAGE.format(title, "".join(SENTENCE.format(number) for number in range(2, 9)))


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "pages"
    (directory / "sub").mkdir(parents=True)
    for name in ("a.html", "B.htm", "b.html", "sub/a.html"):
        (directory / name).write_text(page(f"Bridge {name[0]}"), encoding="utf-8")
    (directory / "empty.html").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return directory


def files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def test_a_directory_gets_a_file_for_each_document_in_each_format(run: Run, pages: Path) -> None:
    code, out, err = run("clean", pages, "-f", "markdown", "-o", "out/", "-j", "1")
    assert (code, out) == (Exit.INPUT, "")
    assert files(Path("out")) == ["pages/B.md", "pages/a.md", "pages/b-2.md", "pages/sub/a.md"]
    assert err.splitlines() == [
        "saaf: pages/empty.html: the body is empty",
        "saaf: 1 input became no file, as said above",
    ]
    text = Path("out/pages/a.md").read_text(encoding="utf-8")
    assert text.startswith("# Bridge a\n\nThe council of the old harbour town decided on **Friday**, after 2 long")
    assert "[the bridge](https://www.example.org/bridge)" in text
    kept = Path("out/pages/empty.md")
    kept.write_text("kept", encoding="utf-8")
    Path("out/pages/a.md").write_text("old", encoding="utf-8")
    run("clean", pages, "-f", "markdown", "-o", "out", "-j", "1")
    assert Path("out/pages/a.md").read_text(encoding="utf-8") == text
    assert kept.read_text(encoding="utf-8") == "kept"
    assert files(Path("out")) == ["pages/B.md", "pages/a.md", "pages/b-2.md", "pages/empty.md", "pages/sub/a.md"]


def test_files_of_pages_have_the_ending_of_their_format(run: Run, pages: Path) -> None:
    names = [pages / "a.html", pages / "b.html"]
    for output_format, ending in (("json", "json"), ("xml-tei", "xml"), (None, "txt")):
        chosen = ("-f", output_format) if output_format else ()
        assert run("clean", *names, *chosen, "-o", f"{ending}/", "-j", "1")[0] == Exit.DONE
        assert files(Path(ending)) == [f"a.{ending}", f"b.{ending}"]
    content = json.loads(Path("json/a.json").read_text(encoding="utf-8"))
    assert content["blocks"][0] == {"kind": "heading", "text": "Bridge a", "level": 1}
    assert etree.parse("xml/a.xml").getroot().tag.endswith("}TEI")
    assert Path("txt/a.txt").read_text(encoding="utf-8").startswith("Bridge a\nThe council of")


def test_one_document_goes_to_standard_output_or_to_a_file(run: Run, pages: Path) -> None:
    code, out, _ = run("clean", pages / "a.html", "-f", "markdown")
    assert code == Exit.DONE
    assert out.startswith("# Bridge a\n")
    assert run("clean", pages / "a.html", "-o", "one.md")[0] == Exit.DONE
    assert Path("one.md").read_text(encoding="utf-8") == out
    assert run("clean", "-", "-f", "markdown", stdin=page("Bridge a").encode())[1] == out
    code, _, err = run("clean", pages, "-f", "markdown", "-o", "many.md")
    assert code == Exit.USAGE
    assert "name a directory for a file per document, -o DIR/" in err
    assert not Path("many.md").exists()


def test_rows_have_markdown_by_choice(run: Run, pages: Path) -> None:
    rows = [
        json.loads(run("clean", pages / "a.html", "-f", "jsonl", "-j", "1", *chosen)[1])
        for chosen in ((), ("--markdown",))
    ]
    assert rows[0]["markdown"] is None
    assert rows[1]["markdown"] == run("clean", pages / "a.html", "-f", "markdown")[1]
    assert rows[0] == rows[1] | {"markdown": None}


def test_no_input_is_replaced_and_no_format_of_one_file_goes_to_a_directory(run: Run, pages: Path) -> None:
    Path("text").mkdir()
    source = Path("text/a.txt")
    source.write_text("The words of a text of which nothing is to be lost by mistake.\n", encoding="utf-8")
    before = source.read_text(encoding="utf-8")
    code, _, err = run("clean", source, "-o", "text/", "-j", "1")
    assert code == Exit.INPUT
    assert "text/a.txt is an input, and would be replaced: name another directory" in err
    assert source.read_text(encoding="utf-8") == before
    code, _, err = run("clean", pages, "-f", "markdown", "-o", "pages/out/", "-j", "1")
    assert code == Exit.INPUT
    assert "would be read by the next run" in err
    assert run("clean", source, "-f", "parquet", "-o", "text/")[0] == Exit.OUTPUT
    assert run("clean", source, "-o", "text/a.txt/")[0] == Exit.OUTPUT


@pytest.mark.parametrize(
    ("record", "part", "name"),
    [
        (Record(file_path="pages/a.html"), 0, "pages/a"),
        (Record(file_path="a.html.gz"), 0, "a"),
        (Record(file_path="v1.2"), 0, "v1.2"),
        (Record(file_path="crawl.warc.gz", number=12), 0, "crawl-12"),
        (Record(file_path="crawl.warc.gz", number=12), 1, "crawl-12+1"),
        (Record(file_path="../../etc/passwd"), 0, "etc/passwd"),
        (Record(file_path="/etc/.hidden"), 0, "etc/hidden"),
        (Record(file_path="-"), 0, "document"),
        (Record(file_path=""), 0, "document"),
        (Record(file_path="خبر.html"), 0, "خبر"),
        (Record(file_path="b\udcffd.html"), 0, "b_d"),
    ],
)
def test_names_are_kept_and_safe(record: Record, part: int, name: str) -> None:
    assert document_name(record, part) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("con", "_con"), ("a\nb\x1b[1m", "a_b_[1m"), ("-rf", "rf"), ("..", "document"), ("a.", "a"),
        ("क" * 100, "क" * 66), ("a:b\\c", "a_b_c"), ("\u202exe.lmth", "_xe.lmth"),
    ],
)  # fmt: skip
def test_a_name_is_one_that_every_file_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe
