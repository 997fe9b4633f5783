"""URLs that must not be fetched, one row each: what is tried, the URL, the error, and words of its message."""

from __future__ import annotations

import pytest

from instructor.errors import BlockedAddress, FetchError
from instructor.fetch import MediaPolicy, check_url

BLOCKED, BAD = BlockedAddress, FetchError

NUMBERS = [  # every spelling of 127.0.0.1, 169.254.169.254 and 10.0.0.1 that inet_aton(3) or a browser takes
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0x7f.0.0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "00000177.0.0.1",
    "127.0.0.01",
    "127.0.00.1",
    "127.0.0.0x1",
    "127.0x1",
    "0127.0.0.1",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "0251.254.169.254",
    "169.254.43518",
    "169.16689662",
    "025177524776",
    "167772161",
    "012.1",
    "0xa.1",
    "10.1",
    "0",
    "0x0",
    "0x",
    "00",
    "1",
    "4294967295",
    "4294967296",
    "42949672960",
    "340282366920938463463374607431768211455",
    "256.256.256.256",
    "127.0.0.256",
    "127.0.0.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "0.0.0.0.0",
    "foo.1",
    "localhost.0x7f",
    "127.1.",
    "１２７.1",
    "0ⅹ7f.1",
    "①②⑦.1",
    "٣.1",
]

ADDRESSES = [
    # IPv4, table by table
    "127.0.0.1",
    "127.0.0.1.",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.7",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    # the same by other characters
    "１２７.0.0.1",
    "１２７。0。0。1",
    "127．0．0．1",
    "①②⑦.⓪.⓪.①",
    "127.0.0.\u00ad1",
    "127.0.0.\u200b1",
    # IPv6
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::2]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fd00:ec2::254]",
    "[FD00:EC2:0:0:0:0:0:254]",
    "[fd20:ce::254]",
    "[ff02::1]",
    "[ff0e::1]",
    "[100::1]",
    "[100:0:0:1::1]",
    "[200::1]",
    "[400::1]",
    "[4000::1]",
    "[5f00::1]",
    "[8000::1]",
    "[e000::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[3ffe::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:1::1]",
    # IPv4 inside IPv6
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:169.254.169.254]",
    "[0:0:0:0:0:ffff:a00:1]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:0:8.8.8.8]",
    "[::127.0.0.1]",
    "[::8.8.8.8]",
    "[::a9fe:a9fe]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::6464:64c8]",
    "[64:ff9b:1::1]",
    "[64:ff9b:1::8.8.8.8]",
    "[64:ff9b:1:a9fe:a9:fe00::]",
    "[64:ff9b:2::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:808:808::1]",
    "[2001::1]",
    "[2001:0:7f00:1::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2606:4700::5efe:127.0.0.1]",
    "[2606:4700::200:5efe:10.0.0.1]",
]

NAMES = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "x.y.localhost.",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "localhoſt",
    "loc\u00adalhost",
    "metadata",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata。google。internal",
    "ｍetadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.tencentyun.com",
    "kubernetes.default.svc",
    "3g2upl4pq6kufc4m.onion",
]

MALFORMED = [
    ("user name", "https://user@cdn.example.com/a.png", "user name"),
    ("user and password", "https://user:hunter2@cdn.example.com/", "user name"),
    ("empty user info", "https://@cdn.example.com/", "user name"),
    ("host as user", "https://cdn.example.com@127.0.0.1/", "user name"),
    ("two at signs", "https://a@b@127.0.0.1/", "user name"),
    ("backslash before at", "https://cdn.example.com\\@127.0.0.1/", "user name"),
    ("backslash as slash", "https://127.0.0.1\\.cdn.example.com/", "host"),
    ("backslashes for slashes", "https:\\\\127.0.0.1\\a", "not an absolute URL"),
    ("one slash", "https:/127.0.0.1/", "not an absolute URL"),
    ("no slash", "https:127.0.0.1", "not an absolute URL"),
    ("no scheme", "//127.0.0.1/", "not an absolute URL"),
    ("bare host", "127.0.0.1", "not an absolute URL"),
    ("empty", "", "not an absolute URL"),
    ("relative", "/a.png", "not an absolute URL"),
    ("no host", "https:///a.png", "no host"),
    ("no host but a port", "https://:443/a.png", "no host"),
    ("only a dot", "https://./", "host"),
    ("two dots", "https://a..b/", "host"),
    ("two root dots", "https://cdn.example.com../", "host"),
    ("leading dot", "https://.example.com/", "host"),
    ("space in host", "https://127.0.0.1 .example.com/", "host"),
    ("space before host", "https:// 127.0.0.1/", "host"),
    ("tab in host", "https://127.0\t.0.1/", "control"),
    ("line break in host", "https://127.0\n.0.1/", "control"),
    ("CRLF in path", "https://cdn.example.com/a\r\nHost: 127.0.0.1", "control"),
    ("NUL", "https://cdn.example.com\x00.127.0.0.1/", "control"),
    ("NUL in query", "https://cdn.example.com/?a=\x00", "control"),
    ("DEL", "https://cdn.example.com/\x7f", "control"),
    ("C1 control", "https://cdn.example.com/\x85", "control"),
    ("leading control", "\x01https://127.0.0.1/", "control"),
    ("lone surrogate", "https://cdn.example.com/\ud800", "control"),
    ("leading space", " https://127.0.0.1/", "not an absolute URL"),
    ("percent-encoded digits", "https://%31%32%37.0.0.1/", "percent"),
    ("percent-encoded dot", "https://127%2e0.0.1/", "percent"),
    ("percent-encoded slash", "https://127.0.0.1%2f.example.com/", "percent"),
    ("percent-encoded at", "https://cdn.example.com%40127.0.0.1/", "percent"),
    ("percent-encoded NUL", "https://127.0.0.1%00.example.com/", "percent"),
    ("zone id", "https://[fe80::1%25eth0]/", "zone id"),
    ("bare zone id", "https://[fe80::1%eth0]/", "zone id"),
    ("zone on loopback", "https://[::1%251]/", "zone id"),
    ("brackets around IPv4", "https://[127.0.0.1]/", "not an IPv6"),
    ("brackets around a name", "https://[localhost]/", "not an IPv6"),
    ("IPvFuture", "https://[v1.fe80::a]/", "not an IPv6"),
    ("empty brackets", "https://[]/", "not an IPv6"),
    ("unclosed bracket", "https://[::1/", "malformed"),
    ("stray bracket", "https://::1]/", "malformed"),
    ("text after bracket", "https://[::1].example.com/", "malformed"),
    ("text before bracket", "https://a[::1]/", "malformed"),
    ("two brackets", "https://[[::1]]/", "malformed"),
    ("IPv6 without brackets", "https://::1/", "malformed"),
    ("wide digits in IPv6", "https://[::１]/", "not an IPv6"),
    ("port zero", "https://cdn.example.com:0/", "port"),
    ("port too high", "https://cdn.example.com:65536/", "port"),
    ("port of letters", "https://cdn.example.com:abc/", "malformed"),
    ("negative port", "https://cdn.example.com:-1/", "malformed"),
    ("signed port", "https://cdn.example.com:+443/", "malformed"),
    ("two ports", "https://cdn.example.com:443:80/", "malformed"),
    ("other digits in port", "https://cdn.example.com:٤٤٣/", "malformed"),
    ("long label", f"https://{'a' * 64}.example.com/", "host"),
    ("long host", f"https://{'a.' * 127}com/", "host"),
    ("long URL", f"https://cdn.example.com/{'a' * 20_000}", "too long"),
    ("long once encoded", f"https://cdn.example.com/{'é' * 8_000}", "too long"),
    ("leading hyphen", "https://-a.example.com/", "host"),
    ("wildcard", "https://*.example.com/", "host"),
    ("comma", "https://127.0.0.1,example.com/", "host"),
    ("bad punycode", "https://xn--ü.example.com/", "IDNA"),
    ("symbol", "https://☃.example.com/", "IDNA"),
    ("bidi override", "https://\u202egnp.elpmaxe.com/", "IDNA"),
    ("slash-like letter", "https://127.0.0.1／.example.com/", "host"),
    ("at-like letter", "https://cdn.example.com＠127.0.0.1/", "host"),
    ("account-of sign", "https://cdn.example.com℀.127.0.0.1/", "host"),
]

SCHEMES = [
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "FILE://host/share",
    "ftp://cdn.example.com/a",
    "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/stat",
    "ldap://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "ws://cdn.example.com/",
    "gs://bucket/key",
    "s3://bucket/key",
    "blob:https://cdn.example.com/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "view-source://127.0.0.1/",
]


def test_tables_are_long_enough() -> None:
    assert len({*NUMBERS, *ADDRESSES, *NAMES, *SCHEMES}) + len(MALFORMED) >= 120


@pytest.mark.parametrize("host", NUMBERS)
@pytest.mark.parametrize("policy", [MediaPolicy(), MediaPolicy(allow_private_hosts=True)], ids=["", "open"])
def test_ambiguous_numbers_are_refused_under_any_policy(host: str, policy: MediaPolicy) -> None:
    with pytest.raises(FetchError, match="host"):
        check_url(f"http://{host}/a.png", policy)


@pytest.mark.parametrize("host", ADDRESSES)
def test_addresses(host: str) -> None:
    with pytest.raises(FetchError) as caught:
        check_url(f"https://{host}:8443/a.png?token=secret", MediaPolicy())
    # What IDNA does not take at all never becomes an address.
    assert isinstance(caught.value, BLOCKED) or "IDNA" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", NAMES)
def test_names(host: str) -> None:
    with pytest.raises(BLOCKED):
        check_url(f"http://{host}/latest/meta-data/", MediaPolicy())


@pytest.mark.parametrize(("url", "words"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_malformed(url: str, words: str) -> None:
    with pytest.raises(BAD, match=words) as caught:
        check_url(url, MediaPolicy(), where="messages[0].content[1]")
    assert not isinstance(caught.value, BLOCKED)
    assert caught.value.where == "messages[0].content[1]"
    assert "hunter2" not in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("url", SCHEMES)
def test_schemes(url: str) -> None:
    with pytest.raises(FetchError, match=r"scheme|absolute"):
        check_url(url, MediaPolicy(allow_private_hosts=True))
