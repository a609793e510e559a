"""Compressed pages that are damaged, cut off or not compressed at all, as a whole record or file: text and reason."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from saaf.cleaning import CleanDocument
from saaf.corpus.ledger import Failure
from saaf.corpus.page_tasks import clean_page
from saaf.corpus.readers import read_inputs

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "नगर के पुराने पुल की मरम्मत का काम पूरा हो गया, और लोग अब उस पर से जा सकते हैं।",
    "شہر کے پرانے پل کی مرمت مکمل ہو گئی، اور اب لوگ اس پر سے گزر سکتے ہیں۔",
    "የድሮው ድልድይ ጥገና ተጠናቀቀ፤ ሰዎች አሁን ሊሻገሩበት ይችላሉ።",
    "老桥的修缮工程终于完工,居民现在可以从桥上通过。",
)
PAGE = f"<html><body>{''.join(f'<p>{text}</p>' for text in TEXTS)}</body></html>".encode()


def pack(coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(PAGE, mtime=0)
    return bytes(pa.compress(PAGE, codec={"br": "brotli", "zstd": "zstd"}[coding], asbytes=True))


def read_response(path: Path, coding: str, body: bytes) -> CleanDocument | Failure:
    """Return what becomes of a page in a WARC."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: {coding}\r\n\r\n"
    block = head.encode() + body
    record = "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2025-03-16T10:00:00Z\r\nContent-Type: application/http\r\n"
    record += f"WARC-Target-URI: https://a.example/\r\nContent-Length: {len(block)}\r\n\r\n"
    (path / "a.warc").write_bytes(record.encode() + block + b"\r\n\r\n")
    return read_file(path / "a.warc")


def read_file(path: Path) -> CleanDocument | Failure:
    (record,) = read_inputs([path])
    assert record.page is not None
    return clean_page(record.page)


@pytest.mark.parametrize("place", [-1, -5, -8])
def test_an_article_with_a_wrong_trailer_is_kept_and_marked(tmp_path: Path, place: int) -> None:
    packed = bytearray(pack("gzip"))
    packed[place] ^= 1
    (tmp_path / "a.html.gz").write_bytes(packed)
    for result in (read_response(tmp_path, "gzip", bytes(packed)), read_file(tmp_path / "a.html.gz")):
        assert isinstance(result, CleanDocument)
        assert all(text in result.text for text in TEXTS)
        assert "truncated" in result.document.flags


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("kept", [12, 60])
def test_a_body_of_which_nothing_comes_out_is_called_damaged(tmp_path: Path, coding: str, kept: int) -> None:
    result = read_response(tmp_path, coding, pack(coding)[:kept])
    if isinstance(result, CleanDocument):
        assert (coding, kept, "truncated" in result.document.flags) == ("gzip", 60, True)
        return
    assert result.reason == (
        "the compressed body is cut off or damaged, and no text can be unpacked; fetch the page again"
    )


def test_a_file_of_which_nothing_comes_out_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.html.zst").write_bytes(pack("zstd")[:-9])
    result = read_file(tmp_path / "a.html.zst")
    assert isinstance(result, Failure)
    assert "cut off or damaged" in result.reason


def test_another_file_with_the_header_of_a_coding_is_named_as_what_it_is(tmp_path: Path) -> None:
    for coding in ("br", "gzip", "deflate"):
        result = read_response(tmp_path, coding, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
        assert isinstance(result, Failure)
        assert "PNG image" in result.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16"])
def test_a_page_that_was_unpacked_already_is_read(tmp_path: Path, encoding: str) -> None:
    body = PAGE.decode().encode(encoding)
    (tmp_path / "a.html.gz").write_bytes(body)
    (tmp_path / "b.html.zst").write_bytes(body)
    results = [read_response(tmp_path, coding, body) for coding in ("br", "gzip", "zstd", "deflate")]
    results += [read_file(tmp_path / name) for name in ("a.html.gz", "b.html.zst")]
    for result in results:
        assert isinstance(result, CleanDocument)
        assert all(text in result.text for text in TEXTS)
        assert "truncated" not in result.document.flags


def test_the_first_bytes_say_how_a_file_is_compressed(tmp_path: Path) -> None:
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0note"
    (tmp_path / "a.html.gz").write_bytes(pack("zstd"))
    (tmp_path / "b.html.zst").write_bytes(pack("gzip"))
    (tmp_path / "c.html.zst").write_bytes(skippable + pack("zstd"))
    (tmp_path / "d.jsonl.gz").write_bytes(b'{"text": "plain"}\n')
    pages = [record.page for record in read_inputs([tmp_path])]
    assert [page.body for page in pages if page] == [PAGE, PAGE, PAGE, b"plain"]
