"""Bodies as servers compress them: whole, cut off, damaged, in several members, mislabelled, or a bomb."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from saaf.corpus.content_codings import MAX_CODINGS, decode_body
from saaf.corpus.decompression import Problem, Unpacked, gunzip, unpack
from saaf.crawler.discovery.sitemaps import read_sitemap, unpack_sitemap

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = (
    "नगर के पुराने पुल की मरम्मत का काम पूरा हो गया। ",
    "شہر کے پرانے پل کی مرمت مکمل ہو گئی۔ ",
    "የድሮው ድልድይ ጥገና ተጠናቀቀ። ",
    "老桥的修缮工程终于完工。",
)
BODY = "".join(f"<p>{number}: {text}</p>" for number in range(400) for text in TEXTS).encode()


def deflate(body: bytes, window: int = -zlib.MAX_WBITS) -> bytes:
    compressor = zlib.compressobj(wbits=window)
    return compressor.compress(body) + compressor.flush()


def brotli(body: bytes) -> bytes:
    return bytes(pa.compress(body, codec="brotli", asbytes=True))


def zstd(body: bytes) -> bytes:
    return bytes(pa.compress(body, codec="zstd", asbytes=True))


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate raw": deflate,
    "br": brotli,
    "zstd": zstd,
}


def decode(coding: str, body: bytes, limit: int = 1 << 24) -> Unpacked:
    return decode_body((("Content-Encoding", coding.removesuffix(" raw")),), body, limit=limit)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_whole_body_has_no_problem(coding: str) -> None:
    assert decode(coding, CODINGS[coding](BODY)) == Unpacked(body=BODY)
    assert decode(coding, CODINGS[coding](b"")).body == b""
    assert decode(coding.removesuffix(" raw").upper(), CODINGS[coding](BODY)).body == BODY


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_body_that_is_cut_off_is_kept_as_far_as_it_goes_and_is_not_whole(coding: str, share: float) -> None:
    packed = CODINGS[coding](BODY)
    decoded = decode(coding, packed[: int(share * len(packed))])
    assert decoded.problem is Problem.TRUNCATED
    if coding == "zstd":  # it is unpacked by blocks of 128 KB: nothing comes out of a shorter one
        assert decoded.body == b""
    else:
        assert BODY.startswith(decoded.body)
        assert len(decoded.body) > 0.5 * share * len(BODY)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_without_its_last_byte_is_not_whole(coding: str) -> None:
    assert decode(coding, CODINGS[coding](BODY * 3)[:-1]).problem is Problem.TRUNCATED


def test_all_members_of_a_gzip_body_are_read() -> None:
    half = len(BODY) // 2
    packed = gzip.compress(BODY[:half]) + gzip.compress(b"") + gzip.compress(BODY[half:])
    assert decode("gzip", packed) == Unpacked(body=BODY)
    assert decode("gzip", packed + bytes(512)) == Unpacked(body=BODY), "zeros are padding, as of a tape"
    many = b"".join(gzip.compress(bytes([letter])) for letter in BODY[:3000])
    assert decode("gzip", many) == Unpacked(body=BODY[:3000])


def test_all_frames_of_a_zstandard_body_are_read() -> None:
    assert decode("zstd", zstd(BODY) + zstd(BODY)) == Unpacked(body=BODY * 2)


def test_a_second_member_that_is_cut_off_leaves_the_first_and_the_mark() -> None:
    decoded = decode("gzip", gzip.compress(BODY) + gzip.compress(BODY)[:400])
    assert decoded.body.startswith(BODY)
    assert decoded.problem is Problem.TRUNCATED
    assert decode("gzip", gzip.compress(BODY) + gzip.compress(BODY)[:7]).problem is Problem.TRUNCATED


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate raw"])
def test_what_follows_the_end_is_left_out_and_marked(coding: str) -> None:
    assert decode(coding, CODINGS[coding](BODY) + b"\x01<!-- cached -->") == Unpacked(
        body=BODY, problem=Problem.TRAILING_DATA
    )


def test_what_follows_the_end_of_brotli_costs_no_text() -> None:
    decoded = decode("br", brotli(BODY) + b"\x00garbage\x01" * 9)
    assert decoded.body == BODY
    assert decoded.problem is not None


def test_a_damaged_body_is_kept_to_the_damage() -> None:
    packed = bytearray(gzip.compress(BODY))
    packed[len(packed) // 2 :] = bytes(len(packed) // 2)
    decoded = decode("gzip", bytes(packed))
    assert decoded.problem is Problem.TRUNCATED
    assert decoded.body.startswith(BODY[: len(BODY) // 4])


@pytest.mark.parametrize("size", [60, 400, len(BODY)])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_wrong_checksum_costs_no_text(coding: str, size: int) -> None:
    packed = CODINGS[coding](BODY[:size])
    for place in range(1, 9 if coding == "gzip" else 5):  # of the checksum, and of the length
        wrong = bytearray(packed)
        wrong[-place] ^= 1
        assert decode(coding, bytes(wrong)) == Unpacked(body=BODY[:size], problem=Problem.TRUNCATED)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "deflate raw"])
def test_a_flipped_bit_costs_what_follows_it(coding: str) -> None:
    packed = CODINGS[coding](BODY)
    for place in range(len(packed) // 3, len(packed), len(packed) // 7):
        wrong = bytearray(packed)
        wrong[place] ^= 16
        decoded = decode(coding, bytes(wrong))
        assert decoded.problem is not None or coding == "deflate raw", "which has no checksum"
        assert decoded.body.startswith(BODY[: len(BODY) * place // len(packed) // 2])


def test_a_bomb_with_a_damaged_end_is_cut_at_the_limit() -> None:
    packed = bytearray(gzip.compress(bytes(1 << 24)))
    packed[-6] ^= 1
    assert decode("gzip", bytes(packed), limit=1000) == Unpacked(body=bytes(1000), problem=Problem.OVER_LIMIT)
    assert decode("gzip", bytes(packed)) == Unpacked(body=bytes(1 << 24), problem=Problem.TRUNCATED)


@pytest.mark.parametrize("coding", [*CODINGS, "identity", "utf-8", "nonsense", "", ",,"])
@pytest.mark.parametrize("body", [BODY, TEXTS[1].encode(), b"plain text", b"{}", b"\n", b""])
def test_a_body_that_was_never_coded_is_left_as_it_is(coding: str, body: bytes) -> None:
    assert decode(coding, body) == Unpacked(body=body)


def test_a_body_coded_twice() -> None:
    once = gzip.compress(BODY, mtime=0)
    twice = gzip.compress(once, mtime=0)
    assert decode("gzip, gzip", twice) == Unpacked(body=BODY)
    assert decode("identity, gzip , x-gzip", twice) == Unpacked(body=BODY)
    assert decode("deflate, br", brotli(zlib.compress(BODY))) == Unpacked(body=BODY)
    assert decode("gzip", twice).body == once, "one header undoes one coding"


def test_no_more_codings_are_undone_than_any_server_applies() -> None:
    body = BODY
    for _ in range(MAX_CODINGS + 1):
        body = gzip.compress(body, mtime=0)
    assert decode(",".join(["gzip"] * 100_000), body).body == gzip.compress(BODY, mtime=0)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_cut_at_the_limit(coding: str) -> None:
    packed = CODINGS[coding](bytes(1 << 22))
    assert decode(coding, packed, limit=1000) == Unpacked(body=bytes(1000), problem=Problem.OVER_LIMIT)
    assert decode(coding, packed, limit=1 << 22) == Unpacked(body=bytes(1 << 22))


def test_a_gzip_header_with_a_name_of_a_megabyte() -> None:
    plain = gzip.compress(BODY, mtime=0)
    named = plain[:3] + b"\x08" + plain[4:10] + b"n" * (1 << 20) + b"\0" + plain[10:]
    assert decode("gzip", named) == Unpacked(body=BODY)
    nothing = Unpacked(body=b"", problem=Problem.TRUNCATED)
    assert decode("gzip", named[: 1 << 19]) == nothing, "all name and no data"


@pytest.mark.parametrize(
    ("chunks", "body", "problem"),
    [
        (b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde", None),
        (b"3\r\nabc\r\n2\r\nde\r\n", b"abcde", Problem.TRUNCATED),
        (b"3\r\nabc\r\nffffffff\r\nde", b"abcde", Problem.TRUNCATED),
        (b"3\r\nabc\r\nffffffffffffffff\r\nde", b"abcde", Problem.TRUNCATED),
        (b"never chunked", b"never chunked", None),
        (b"-3\r\nabc\r\n", b"-3\r\nabc\r\n", None),
    ],
)
def test_chunks_that_lie_about_their_size(chunks: bytes, body: bytes, problem: Problem | None) -> None:
    assert decode_body((("Transfer-Encoding", "chunked"),), chunks) == Unpacked(body=body, problem=problem)


def test_members_are_found_wherever_the_stream_is_read() -> None:
    packed = b"".join(gzip.compress(text.encode(), mtime=0) for text in TEXTS * 200)
    assert unpack(packed, gunzip, 1 << 24).body.decode() == "".join(TEXTS * 200)
    assert b"".join(gunzip(BytesIO(packed))).decode() == "".join(TEXTS * 200)


def test_a_sitemap_leads_on_as_far_as_it_can_be_read() -> None:
    urls = [f"https://www.example.org/{number}" for number in range(3000)]
    entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    half = len(entries) // 2
    members = [
        gzip.compress(f"<urlset>{entries[:half]}".encode()),
        gzip.compress(f"{entries[half:]}</urlset>".encode()),
    ]
    whole, address = b"".join(members), "https://www.example.org/sitemap.xml.gz"
    assert [entry.url for entry in read_sitemap(whole, address).entries] == urls
    assert len(read_sitemap(whole[:-2000], address).entries) > 1500
    bomb = members[0] + gzip.compress(b" " * (60 << 20))
    assert unpack_sitemap(bomb, 100_000)[0].decode() == f"<urlset>{entries[:half]}{' ' * 100_000}"[:100_000]
