"""The door to the network: whom it lets us reach, and what it brings back whatever the other side does."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import zlib
from collections.abc import Callable, Mapping

import httpx2
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from monitor.guard import Answer, Door, WireError, door, redacted, refusal, shown
from tests.serving import Proxy, Publisher, Receiver, Reply, bomb, drip, drip_head, hang, huge, redirect, reset


def words(text: str) -> list[str]:
    return text.split()


# ------------------------------------------------------------------ which addresses may be reached

PRIVATE = words("""
 10.0.0.1 10.255.255.255 127.0.0.1 127.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.1.1 100.64.0.1
 100.127.255.254 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.9 ::1 fe80::1 fe80::1%eth0 fec0::1
 fc00::1 fd12:3456::1 2001:db8::1 3fff::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 ::127.0.0.1
 64:ff9b::7f00:1 64:ff9b:1::7f00:1 2002:7f00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe""")
CARRYING_PUBLIC = words("::ffff:8.8.8.8 ::ffff:0:8.8.8.8 ::8.8.8.8 64:ff9b::808:808 64:ff9b:1::808:808 2002:808:808::")
NEVER = words("""
 169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254 fd20:ce::254 0.0.0.0 0.1.2.3
 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ff02::1 ff0e::1 100::1 5f00::1 4000::1 ::ffff:169.254.169.254
 64:ff9b::a9fe:a9fe ::ffff:0:169.254.169.254 2002:a9fe:a9fe:: ::ffff:0.0.0.0""")
PUBLIC = words("8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 192.0.1.1 2606:4700:4700::1111 2a00:1450:4001::1")


@pytest.mark.parametrize("address", PRIVATE + CARRYING_PUBLIC)
def test_addresses_that_are_not_public_are_refused_unless_private_ones_are_allowed(address):
    assert refusal(address, allow_private=False) is not None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", [*NEVER, "", "localhost", "2130706433", "127.1"])
def test_metadata_services_and_what_no_host_has_are_refused_always(address):
    assert refusal(address, allow_private=False) is not None
    assert refusal(address, allow_private=True) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_reached(address):
    assert refusal(address, allow_private=False) is None


def test_a_refusal_says_which_address_and_why():
    assert refusal("127.0.0.1", allow_private=False) == "127.0.0.1 is loopback"
    assert refusal("::ffff:169.254.169.254", allow_private=True) == (
        "::ffff:169.254.169.254 is an IPv4 address mapped into IPv6: 169.254.169.254 is a cloud's metadata service"
    )


@given(st.ip_addresses(), st.booleans())
def test_what_private_feeds_may_not_reach_nobody_may(address, private):
    if refusal(str(address), allow_private=True):
        assert refusal(str(address), allow_private=False)


@given(st.ip_addresses(v=4))
def test_no_ipv6_form_reaches_what_its_ipv4_address_may_not(address):
    number = int(address)
    forms = [
        f"::ffff:{address}",
        f"::ffff:0:{address}",
        f"64:ff9b::{address}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::",
    ]
    if refusal(str(address), allow_private=True):
        assert all(refusal(form, allow_private=True) for form in forms)
    assert all(refusal(form, allow_private=False) for form in forms)


# ------------------------------------------------------------------ what may be shown


@pytest.mark.parametrize(
    ("url", "secret", "feed"),
    [
        (
            "https://u:p@hooks.example.org/services/T000/B000/abc?x=1#f",
            "https://hooks.example.org/…",
            "https://hooks.example.org/services/T000/B000/abc?x=1",
        ),
        (
            "http://feeds.example.org:8080/rss?api_key=s3cret&page=2&q=0123456789abcdef0123",
            "http://feeds.example.org:8080/…",
            "http://feeds.example.org:8080/rss?api_key=…&page=2&q=…",
        ),
        ("http://[2606:4700::1]:81/x", "http://[2606:4700::1]:81/…", "http://[2606:4700::1]:81/x"),
        ("http://[broken/secret", "?://?/…", "?://?/…"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, secret, feed):
    assert redacted(url) == secret
    assert shown(url) == feed


# ------------------------------------------------------------------ asking


def ask(url: str, method: str = "GET", *, through: Callable[[], Door] | None = None, **told: object) -> Answer:
    """Return what *url* answers, asked through a door of its own."""

    async def asked() -> Answer:
        async with (through or (lambda: door(user_agent="test/1")))() as way:
            options = {"headers": {}, "allow_private": True, "deadline": 5.0, "most": 100_000, **told}
            return await way.request(method, url, **options)

    return asyncio.run(asked())


def resolving(names: Mapping[str, list[str]]) -> Callable[[], Door]:
    """Return what makes doors for which *names* is the world's name server."""

    def resolve(host: str, port: int) -> list[str]:
        if host not in names:
            raise OSError("no such name")
        return names[host]

    return lambda: Door(user_agent="test/1", tls=httpx2.create_ssl_context(), resolve=resolve)


def reason(url: str, **told: object) -> str:
    with pytest.raises(WireError) as raised:
        ask(url, **told)
    assert raised.value.detail
    return raised.value.reason


def test_an_answer_comes_with_its_headers_in_any_case_and_its_bytes():
    with Publisher() as publisher:
        publisher.script("/a", Reply(status=418, headers={"X-One": "1", "ETag": 'W/"é"'}, body=b"hello"))
        answer = ask(publisher.url("/a?b=c%20d&e"), headers={"X-Mine": "yes"})
        assert (answer.status, answer.body, answer.truncated) == (418, b"hello", False)
        assert (answer.headers.get("x-one"), answer.headers.get("etag")) == ("1", 'W/"é"')
        assert answer.headers.get("absent") is None
        (hit,) = publisher.hits
        assert hit.path == "/a?b=c%20d&e"
        assert (hit.headers["User-Agent"], hit.headers["X-Mine"]) == ("test/1", "yes")
        assert hit.headers["Accept-Encoding"] == "identity"
        assert "1" not in repr(answer.headers)


def test_a_post_carries_its_bytes_and_only_so_much_of_the_answer_is_kept():
    with Receiver() as receiver:
        receiver.script("/", huge(10_000_000))
        answer = ask(
            receiver.url(), "POST", content=b'{"a": 1}', headers={"Content-Type": "application/json"}, most=4096
        )
        assert (answer.status, len(answer.body), answer.truncated) == (200, 4096, True)
        assert receiver.hits[0].body == b'{"a": 1}'
        assert receiver.hits[0].headers["Content-Length"] == "8"


def test_a_status_counts_although_the_connection_breaks_after_it():
    with Receiver() as receiver:
        receiver.script("/", Reply(raw=b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhalf"))
        answer = ask(receiver.url(), "POST", content=b"{}")
        assert (answer.status, answer.body, answer.truncated) == (202, b"half", True)


def test_the_user_of_an_address_is_sent_as_basic_authorisation():
    with Publisher() as publisher:
        ask(publisher.url("/").replace("http://", "http://me:s%3Fcret@"))
        assert publisher.hits[0].headers["Authorization"] == "Basic bWU6cz9jcmV0"


def test_a_redirect_is_an_answer_like_any_other():
    with Publisher() as publisher:
        publisher.script("/a", redirect("/b", 301))
        answer = ask(publisher.url("/a"))
        assert (answer.status, answer.headers.get("location"), len(publisher.hits)) == (301, "/b", 1)


def test_no_cookie_is_ever_sent_back():
    with Publisher() as publisher:
        publisher.script("/", Reply(headers={"Set-Cookie": "id=1"}))

        async def twice() -> None:
            async with door(user_agent="test/1") as way:
                for _ in range(2):
                    await way.request("GET", publisher.url(), headers={}, allow_private=True, deadline=5, most=10)

        asyncio.run(twice())
        assert [hit.headers["Cookie"] for hit in publisher.hits] == [None, None]


# ------------------------------------------------------------------ whom it lets us reach

SPELLINGS = words("""
 127.0.0.1 localhost 2130706433 0x7f000001 0x7f.1 0177.0.0.1 127.1 0 0.0.0.0 [::1] [::ffff:127.0.0.1]
 [::ffff:7f00:1] [::] [64:ff9b::7f00:1] [::127.0.0.1] ①②⑦.0.0.1 １２７.0.0.1 127。0。0。1
 169.254.169.254 [fd00:ec2::254]""")


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_a_private_address_is_reached(host):
    with Publisher() as publisher:
        assert reason(f"http://{host}:{publisher.port}/", allow_private=False) in ("blocked", "address", "dns")
        assert publisher.hits == ()


def test_one_private_address_among_a_names_answers_rejects_the_name():
    with Publisher() as publisher:
        through = resolving({"mixed.test": ["93.184.215.14", "127.0.0.1"]})
        assert reason(f"http://mixed.test:{publisher.port}/", through=through, allow_private=False) == "blocked"
        assert publisher.hits == ()


def test_the_socket_goes_to_the_address_that_was_checked():
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with Publisher() as publisher:
        publisher.publish("/", "x")
        through = lambda: Door(user_agent="t", tls=httpx2.create_ssl_context(), resolve=rebinding)  # noqa: E731
        assert ask(f"http://rebinding.test:{publisher.port}/", through=through).status == 200
        assert asked == ["rebinding.test"]
        assert reason(f"http://rebinding.test:{publisher.port}/", through=through) == "blocked"
        assert publisher.hits[0].headers["Host"] == f"rebinding.test:{publisher.port}"


def test_a_connection_opened_for_a_private_feed_is_not_lent_to_a_public_one():
    async def one_after_the_other(url: str) -> None:
        async with door(user_agent="test/1") as way:
            await way.request("GET", url, headers={}, allow_private=True, deadline=5, most=10)
            await way.request("GET", url, headers={}, allow_private=False, deadline=5, most=10)

    with Publisher() as publisher, pytest.raises(WireError, match="is loopback"):
        asyncio.run(one_after_the_other(publisher.url()))
    assert len(publisher.hits) == 1


def test_a_name_with_a_dead_first_address_is_reached_at_its_second():
    with Publisher(host="127.0.0.2") as publisher:
        publisher.publish("/", "x")
        through = resolving({"two.test": ["127.0.0.1", "127.0.0.2"]})
        assert ask(f"http://two.test:{publisher.port}/", through=through).status == 200


def closing_after(publisher: Publisher, method: str) -> list[Answer | WireError]:
    """Ask twice through one door; the first answer's connection is closed without a word of it."""
    publisher.script("/", Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))

    async def twice() -> list[Answer | WireError]:
        async with door(user_agent="test/1") as way:
            options = {"headers": {}, "allow_private": True, "deadline": 5.0, "most": 10}
            asked = [await way.request(method, publisher.url(), **options)]
            try:
                asked.append(await way.request(method, publisher.url(), **options))
            except WireError as error:
                asked.append(error)
            return asked

    return asyncio.run(twice())


def test_a_kept_connection_that_was_closed_meanwhile_costs_a_get_nothing():
    for _ in range(20):
        with Publisher() as publisher:
            assert [answer.status for answer in closing_after(publisher, "GET")] == [200, 200]


def test_a_request_that_ends_while_another_hosts_only_kept_connection_is_used_is_answered():
    async def both(busy, other):
        async with door(user_agent="media-monitor/test") as opened:

            async def one(url):
                return await opened.request("GET", url, headers={}, allow_private=True, deadline=10, most=1000)

            await one(busy)
            slow = asyncio.create_task(one(busy))
            answers = [await one(other), await slow]
            return [answer.status for answer in answers]

    with Publisher() as publisher, Publisher() as elsewhere:
        url = publisher.script("/", Reply(body=b"x"), Reply(body=b"x" * 20, drip=0.02))
        assert asyncio.run(both(url, elsewhere.publish("/", "y"))) == [200, 200]


def test_a_post_is_never_sent_twice_by_itself():
    for _ in range(20):
        with Publisher() as publisher:
            first, second = closing_after(publisher, "POST")
            assert first.status == 200
            assert isinstance(second, Answer) or second.reason == "reset"
            assert len(publisher.hits) <= 2


def test_the_environments_proxies_are_not_used(monkeypatch):
    with Publisher() as publisher, Publisher() as proxy:
        publisher.publish("/", "x")
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("http_proxy", proxy.url())
        assert ask(publisher.url("/")).status == 200
        assert proxy.hits == ()


# ------------------------------------------------------------------ what goes wrong has a name


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (hang(), "timeout"),
        (drip(), "timeout"),
        (drip_head(), "timeout"),
        (reset(), "reset"),
        (Reply(raw=b""), "reset"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "reset"),
        (Reply(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol"),
        (Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 20_000 + b"\r\n"), "protocol"),
        (huge(200_000), "too_big"),
        (bomb(50_000_000), "too_big"),
        (Reply(headers={"Content-Encoding": "br"}, body=b"??"), "protocol"),
        (Reply(headers={"Content-Encoding": "gzip, deflate"}, body=b"??"), "protocol"),
        (Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"x" * 5000)[:-12]), "protocol"),
        (Reply(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8bnonsense"), "protocol"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_of_the_other_side_comes_as_its_reason(reply, expected):
    with Publisher() as publisher:
        publisher.script("/", reply)
        assert reason(publisher.url(), whole=True, deadline=0.6) == expected


def test_a_closed_port_refuses():
    with Publisher() as publisher:
        url = publisher.url()
    assert reason(url) == "refused"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ftp://127.0.0.1/x", "address"),
        ("file:///etc/passwd", "address"),
        ("/etc/passwd", "address"),
        ("http://", "address"),
        ("http://a b/", "dns"),
        ("http://[::1", "address"),
        ("http://127.0.0.1:99999/", "address"),
        ("http://127.0.0.1:x/", "address"),
        ("http://nowhere.test/", "dns"),
        ("http://" + "a" * 70 + ".test/", "dns"),
        ("", "address"),
    ],
)
def test_what_is_no_address_is_told_apart_from_what_does_not_exist(url, expected):
    assert reason(url, through=resolving({})) == expected


def test_the_systems_resolver_knows_loopback_and_not_what_cannot_exist():
    with Publisher() as publisher:
        publisher.publish("/", "x")
        assert ask(f"http://localhost:{publisher.port}/").status == 200
    assert reason("http://" + "a" * 70 + ".invalid/") == "dns"


def test_a_name_server_that_hangs_costs_its_own_deadline_and_nobody_elses():
    stuck = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        if host == "stuck.test":
            stuck.wait(30)
        return ["127.0.0.1"]

    async def both(port: int) -> list[object]:
        async with Door(user_agent="t", tls=httpx2.create_ssl_context(), resolve=resolve) as way:
            options = {"headers": {}, "allow_private": True, "deadline": 0.5, "most": 10}
            hosts = ["stuck.test"] * 50 + ["fine.test"]
            asked = (way.request("GET", f"http://{host}:{port}/", **options) for host in hosts)
            return await asyncio.gather(*asked, return_exceptions=True)

    with Publisher() as publisher:
        *late, fine = asyncio.run(both(publisher.port))
        stuck.set()
    assert isinstance(fine, Answer)
    assert {error.reason for error in late} <= {"dns", "timeout"}


def test_a_header_that_http_cannot_carry_is_refused_before_anything_is_sent():
    with Publisher() as publisher:
        assert reason(publisher.url(), headers={"X-Name": "Вучић"}) == "protocol"
        assert reason(publisher.url(), headers={"X-Name": "a\r\nX-Other: b"}) == "protocol"
        assert publisher.hits == ()


def test_two_hundred_hung_hosts_do_not_hold_up_another():
    async def all_at_once(hung: str, fine: str) -> Answer:
        async with door(user_agent="test/1") as way:
            options = {"headers": {}, "allow_private": True, "most": 10}
            waiting = [asyncio.create_task(way.request("GET", hung, deadline=30, **options)) for _ in range(200)]
            await asyncio.sleep(0)
            answer = await way.request("GET", fine, deadline=5, **options)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            return answer

    with Publisher() as publisher:
        publisher.script("/hung", hang())
        publisher.publish("/fine", "x")
        assert asyncio.run(all_at_once(publisher.url("/hung"), publisher.url("/fine"))).status == 200


# ------------------------------------------------------------------ unpacking

TEXT = b"<rss>" + b"Kosovo " * 3000 + b"</rss>"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT[:9000], mtime=0) + gzip.compress(TEXT[9000:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"trailing rubbish"),
        ("gzip", TEXT),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("utf-8", TEXT),
        ("identity", TEXT),
        ("", TEXT),
    ],
)
@pytest.mark.parametrize("chunk", [1 << 20, 7])
def test_a_whole_body_comes_unpacked_however_the_server_packed_it(encoding, body, chunk):
    with Publisher() as publisher:
        chunks = [body[start : start + chunk] for start in range(0, len(body), chunk)]
        publisher.script("/", Reply(headers={"Content-Encoding": encoding}, body=chunks))
        assert ask(publisher.url(), whole=True).body == TEXT
        assert publisher.hits[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_a_whole_body_may_have_exactly_as_many_bytes_as_allowed():
    with Publisher() as publisher:
        publisher.publish("/", b"x" * 1000, packed=True)
        assert len(ask(publisher.url(), whole=True, most=1000).body) == 1000
        assert reason(publisher.url(), whole=True, most=999) == "too_big"


def test_an_error_is_told_by_its_status_however_big_its_page():
    with Publisher() as publisher:
        publisher.script("/", Reply(status=503, body=b"x" * 1_000_000, headers={"Retry-After": "60"}))
        answer = ask(publisher.url(), whole=True)
        assert (answer.status, answer.headers.get("retry-after"), answer.truncated) == (503, "60", True)


# ------------------------------------------------------------------ TLS


def test_a_certificate_is_checked_against_the_name_although_the_socket_goes_to_an_address():
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.test").configure_cert(served)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    names = {"news.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}

    def trusting() -> Door:
        return Door(user_agent="t", tls=trusted, resolve=lambda host, port: names[host])

    with Publisher(tls=served) as publisher:
        publisher.publish("/", "secret")
        at = f".test:{publisher.port}/"
        assert ask(f"https://news{at}", through=trusting).body == b"secret"
        assert reason(f"https://other{at}", through=trusting) == "tls"
        assert reason(f"https://news{at}", through=resolving(names)) == "tls"
        assert len(publisher.hits) == 1


def test_a_server_that_speaks_no_tls_is_told_as_such():
    with Publisher() as publisher:
        assert reason(publisher.url().replace("http:", "https:")) == "tls"


# ------------------------------------------------------------------ proxies


def test_a_proxy_is_asked_for_what_only_it_can_look_up():
    with Publisher() as publisher, Proxy(news_test=publisher.port) as proxy:
        publisher.publish("/feed", b"from afar")
        answer = ask("http://news.test/feed", proxy=proxy.url().replace("//", "//jo:s%20ecret@"), allow_private=False)
        assert (answer.status, answer.body) == (200, b"from afar")
        (hit,) = proxy.hits
        assert hit.path == "http://news.test/feed"
        assert hit.headers["Proxy-Authorization"] == "Basic am86cyBlY3JldA=="
        assert publisher.hits[0].headers["Host"] == "news.test"
        assert publisher.hits[0].headers["Proxy-Authorization"] is None


def test_through_a_proxy_the_certificate_is_the_publishers():
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.test").configure_cert(served)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    def trusting() -> Door:
        return Door(user_agent="t", tls=trusted)

    with Publisher(tls=served) as publisher, Proxy(news_test=publisher.port, other_test=publisher.port) as proxy:
        publisher.publish("/", "secret")
        way = {"proxy": proxy.url(), "allow_private": False, "through": trusting}
        assert ask("https://news.test/", headers={"Authorization": "Basic x"}, **{**way}).body == b"secret"
        assert reason("https://other.test/", **way) == "tls"
        assert [(hit.method, hit.path) for hit in proxy.hits] == [
            ("CONNECT", "news.test:443"),
            ("CONNECT", "other.test:443"),
        ]
        assert proxy.hits[0].headers["Authorization"] is None


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_leads_nowhere_is_told_as_such(status):
    with Proxy() as proxy:
        proxy.script("news.test:443", Reply(status=status))
        with pytest.raises(WireError, match=f"news.test through the proxy 127.0.0.1: it answers {status}") as raised:
            ask("https://news.test/", proxy=proxy.url())
        assert raised.value.reason == "proxy"


def test_a_proxy_that_is_not_there_is_told_with_its_name():
    with Proxy() as proxy:
        gone = proxy.url()
    with pytest.raises(WireError, match=r"news\.test through the proxy 127\.0\.0\.1 refused") as raised:
        ask("http://news.test/", proxy=gone)
    assert raised.value.reason == "refused"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "10.0.0.7", "localhost", "a.localhost.", "127.1", "2130706433", "0x7f.1", "169.254.169.254"],
)
def test_no_proxy_is_a_way_to_a_private_address(host):
    with Proxy() as proxy:
        assert reason(f"http://{host}/", proxy=proxy.url(), allow_private=False) == "blocked"
        assert proxy.hits == ()


def test_a_private_feed_may_be_asked_through_a_proxy_and_a_metadata_service_never():
    with Publisher() as publisher, Proxy(**{"127_0_0_1": publisher.port}) as proxy:
        publisher.publish("/", b"at home")
        assert ask("http://127.0.0.1/", proxy=proxy.url()).body == b"at home"
        assert reason("http://169.254.169.254/", proxy=proxy.url()) == "blocked"
        assert reason("http://2852039166/", proxy=proxy.url()) == "blocked"
