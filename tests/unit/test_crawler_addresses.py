"""Which addresses and ports a crawl may ask, in every spelling; and what an allow-list adds."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from saaf.crawler.guards.addresses import AddressPolicy, authority, literal_address, special_range, without_user_info

PUBLIC = AddressPolicy()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "2130706433", "017700000001", "127.0.0.1.",
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①", "127。0。0。1", "0", "0.0",
        "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "[fd00:ec2::254]", "[fe80::1]",
        "[fc00::1]", "[fec0::1]", "100.64.0.1", "100.127.255.255", "100.100.100.200", "168.63.129.16", "224.0.0.1",
        "[ff02::1]", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "203.0.113.9", "[2001:db8::1]",
        "[2002:7f00:1::]", "[2002:a00:1::]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[2001::1]", "[::127.0.0.1]", "[::]",
    ],
)  # fmt: skip
def test_no_address_but_a_public_one_is_asked(host: str) -> None:
    for url in (f"http://{host}/", f"https://{host}/a?b#c", f"http://user:secret@{host}/"):
        assert "SAAF_ALLOW_ADDRESSES" in (PUBLIC.refusal_of_url(url) or ""), url


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "[2606:4700::1111]",
             "[2002:808:808::]", "[64:ff9b::808:808]", "example.org", "127.0.0.1.example.org", "xn--bcher-kva.example"],
)  # fmt: skip
def test_public_addresses_and_names_are(host: str) -> None:
    assert PUBLIC.refusal_of_url(f"http://{host}/") is None
    assert PUBLIC.refusal_of_url(f"https://{host}:443/") is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org:8080/", "port 8080 of example.org is neither 80 nor 443"),
        ("http://8.8.8.8:22/", "port 22 of 8.8.8.8 is neither 80 nor 443"),
        ("ftp://example.org/", "only http and https are crawled, not ftp"),
        ("file:///etc/passwd", "only http and https are crawled, not file"),
        ("data:text/html,x", "only http and https are crawled, not data"),
        ("//example.org/", "a URL without a scheme"),
        ("http:///path", "names no host"),
        ("http://[bad/", "no host and port that can be read"),
        ("http://example.org:99999/", "no host and port that can be read"),
    ],
)
def test_a_url_that_is_refused_says_why(url: str, reason: str) -> None:
    assert reason in (PUBLIC.refusal_of_url(url) or "")


def test_the_allow_list_adds_hosts_networks_and_ports() -> None:
    policy = AddressPolicy.parse(
        ["127.0.0.1:*", " 10.0.0.0/8 ", "[fd00::/8]:8080", "::1", "wiki.corp:8080", "Example.ORG:81", ""]
    )
    allowed = (
        "http://127.0.0.1:5/", "http://127.1:99/", "http://[::ffff:127.0.0.1]:7/", "http://10.9.9.9/",
        "https://10.0.0.1/", "http://[fd12::1]:8080/", "http://[::1]/", "http://wiki.corp:8080/", "http://example.org:81/",
    )  # fmt: skip
    assert [url for url in allowed if policy.refusal_of_url(url)] == []
    refused = (
        "http://127.0.0.2/",
        "http://11.0.0.1:8080/",
        "http://10.0.0.1:8080/",
        "http://[fd12::1]/",
        "http://[::2]/",
    )
    assert [url for url in refused if not policy.refusal_of_url(url)] == []
    assert "port 8080" in (policy.refusal_of_url("http://10.0.0.1:8080/") or "")


def test_what_a_name_resolves_to_is_checked_with_its_port() -> None:
    policy = AddressPolicy.parse(["127.0.0.1:8080", "wiki.corp"])
    private, loopback, public = map(ip_address, ("10.0.0.1", "127.0.0.1", "8.8.8.8"))
    assert policy.refusal_of_address("news.example", public, 80) is None
    assert policy.refusal_of_address("news.example", loopback, 8080) is None
    assert policy.refusal_of_address("WIKI.corp.", private, 443) is None
    assert "news.example (10.0.0.1) is a private address" in (
        policy.refusal_of_address("news.example", private, 80) or ""
    )
    assert "port 8081" in (policy.refusal_of_address("news.example", loopback, 8081) or "")
    assert "port 8080" in (policy.refusal_of_address("news.example", public, 8080) or "")
    assert "private" in (policy.refusal_of_address("other.corp", private, 443) or "")


@pytest.mark.parametrize(
    "entry", ["http://example.org", "10.0.0.0/99", "a b", "host:port", "host:99999", "*", "*:80", "/"]
)
def test_an_entry_that_is_none_says_how_it_is_written(entry: str) -> None:
    with pytest.raises(ValueError, match=r"port|10\.0\.0\.0/8"):
        AddressPolicy.parse([entry])


def test_user_info_goes_and_the_rest_stays() -> None:
    assert without_user_info("https://user:p@ss@a.example/x@y?z=@#@") == "https://a.example/x@y?z=@#@"
    assert without_user_info("https://a.example/@user?to=b@c") == "https://a.example/@user?to=b@c"
    assert without_user_info("https://u@a.example") == "https://a.example"
    assert without_user_info("mailto:a@b.example") == "mailto:a@b.example"


def test_an_authority_is_host_and_port() -> None:
    assert authority("HTTP://User@Example.ORG./a") == "example.org:80"
    assert authority("https://[::1]/") == "[::1]:443"
    assert authority("http://[bad") == authority("mailto:a@b.example") == ""


def test_a_name_is_no_address() -> None:
    assert literal_address("example.org") is None
    assert literal_address("1.2.3.4.example.org") is None
    assert literal_address("") is None
    assert str(literal_address("0x08080808")) == "8.8.8.8"
    assert special_range(ip_address("8.8.8.8")) is None
