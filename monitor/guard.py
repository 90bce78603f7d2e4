"""The one door to the network: an address and a deadline go in, a bounded answer or a WireError comes out.

Which addresses may be reached is checked where the socket is opened, on the
very addresses that are connected to: a name that answers differently the second
time it is asked (DNS rebinding) gains nothing, and neither does a redirect,
since every hop comes through here.  httpx2 and httpcore2 live here and nowhere
else; we use the pool below the client, because the client keeps cookies, follows
the environment's proxies and logs addresses, all of which we would have to undo.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
import ssl
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from itertools import chain, zip_longest
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

import httpcore2
import httpx2

from monitor.errors import MonitorError

CONNECT = 10.0  # seconds for lookup, connect and TLS together; browsers give up on an address after 5 to 20
LOOKUPS = 32  # names looked up at once; a dead name server holds a thread for up to 30 s
ATTEMPTS = 4  # addresses of one name that are tried
SHARDS = 32  # pools: a request costs time in proportion to the connections of its own pool only
KEPT = 4  # idle connections a pool keeps
IDLE = 3.0  # seconds an idle connection is kept; servers close theirs after 5 or more, often without a word
ERROR_BODY = 4096  # bytes kept of an answer that is no document


class WireError(MonitorError):
    """An address brought no answer.

    *reason* is one word for counting: address, dns, blocked, refused,
    unreachable, timeout, tls, reset, protocol or too_big; *detail* is for
    people and names no more of the address than its host.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


# ------------------------------------------------------------------ which addresses may be reached

Table = Sequence[tuple[IPv4Network | IPv6Network, str]]


def _table(text: str) -> Table:
    rows = (line.split(None, 1) for line in text.strip().splitlines())
    return tuple((IPv6Network(net) if ":" in net else IPv4Network(net), what) for net, what in rows)


NEVER: Final = _table("""
    169.254.169.254/32  a cloud's metadata service
    168.63.129.16/32    a cloud's metadata service
    100.100.100.200/32  a cloud's metadata service
    192.0.0.192/32      a cloud's metadata service
    fd00:ec2::254/128   a cloud's metadata service
    fd20:ce::254/128    a cloud's metadata service
    0.0.0.0/8           no address of a host
    224.0.0.0/4         multicast
    240.0.0.0/4         reserved
    ::/128              no address of a host
    ff00::/8            multicast
""")
"""Refused whatever a feed or channel allows: nobody publishes there, and metadata services hand out keys."""

PRIVATE: Final = _table("""
    10.0.0.0/8          private
    172.16.0.0/12       private
    192.168.0.0/16      private
    127.0.0.0/8         loopback
    169.254.0.0/16      link-local
    100.64.0.0/10       shared by a carrier's customers
    192.0.0.0/24        reserved for protocols
    192.0.2.0/24        reserved for documentation
    192.31.196.0/24     reserved for protocols
    192.52.193.0/24     reserved for protocols
    192.88.99.0/24      a relay to IPv6
    192.175.48.0/24     reserved for protocols
    198.18.0.0/15       reserved for benchmarks
    198.51.100.0/24     reserved for documentation
    203.0.113.0/24      reserved for documentation
    ::1/128             loopback
    fc00::/7            private
    fe80::/10           link-local
    fec0::/10           site-local
    2001::/23           reserved for protocols
    2001:db8::/32       reserved for documentation
    2620:4f:8000::/48   reserved for protocols
    3fff::/20           reserved for documentation
""")
"""Refused unless private addresses are allowed.  IANA's special-purpose registries of 2025-10; `is_global` of
Python 3.11 lets sixteen of these through."""

PUBLIC_6: Final = IPv6Network("2000::/3")  # all that IANA has given out for hosts

CARRIERS: Final = (
    (IPv6Network("::ffff:0:0/96"), 0, "an IPv4 address mapped into IPv6"),
    (IPv6Network("::ffff:0:0:0/96"), 0, "an IPv4 address translated into IPv6"),
    (IPv6Network("64:ff9b::/96"), 0, "an IPv4 address behind NAT64"),
    (IPv6Network("64:ff9b:1::/48"), 0, "an IPv4 address behind NAT64"),
    (IPv6Network("2002::/16"), 80, "an IPv4 address behind 6to4"),
    (IPv6Network("2001::/32"), 0, "an IPv4 address behind Teredo"),
    (IPv6Network("::/96"), 0, "an IPv4 address written as IPv6"),
)
"""IPv6 forms that carry an IPv4 address, and how many bits stand to the right of it."""


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Return why the literal *address* may not be reached, or None if it may."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no address"
    if what := _listed(ip, NEVER):
        return f"{address} is {what}"
    private = _listed(ip, PRIVATE)
    if isinstance(ip, IPv6Address):
        carried = None if private == "loopback" else _carried(ip)
        if carried:
            inner, form = carried
            worse = refusal(str(inner), allow_private=allow_private)
            return f"{address} is {form}: {worse}" if worse else None if allow_private else f"{address} is {form}"
        if private is None and ip not in PUBLIC_6:
            return f"{address} is reserved"
    return f"{address} is {private}" if private and not allow_private else None


def _listed(ip: IPv4Address | IPv6Address, table: Table) -> str | None:
    return next((what for network, what in table if ip.version == network.version and ip in network), None)


def _carried(ip: IPv6Address) -> tuple[IPv4Address, str] | None:
    for network, shift, form in CARRIERS:
        if ip in network:
            bits = int(ip) >> shift & 0xFFFFFFFF
            return IPv4Address(bits ^ 0xFFFFFFFF if "Teredo" in form else bits), form
    return None


# ------------------------------------------------------------------ what may be shown of an address

SECRET_NAME: Final = re.compile(r"token|key|auth|sig|secret|pass|pwd|code|hash|session|access", re.IGNORECASE)
SECRET_VALUE: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,}")


def redacted(url: str) -> str:
    """Return no more than scheme and host of *url*: what may be shown of a webhook's address, which is its secret."""
    scheme, host, port = _parts(url)
    return f"{scheme}://{host}{port}/…"


def shown(url: str) -> str:
    """Return *url* without its user, its password and query values that look like tokens: for a feed's address."""
    scheme, host, port = _parts(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{scheme}://{host}/…"
    query = "&".join(map(_plain, parts.query.split("&")))
    return urlunsplit((scheme, f"{host}{port}", parts.path, query, ""))


def _plain(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}{equals}…" if value and (SECRET_NAME.search(name) or SECRET_VALUE.fullmatch(value)) else pair


def _parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "?", f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?", "?", ""
    return parts.scheme or "?", f"[{host}]" if ":" in host else host, port


# ------------------------------------------------------------------ what comes back


class Headers:
    """An answer's headers: names in any case, values as the server sent them, repeated ones in order."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple((name.lower(), value) for name, value in pairs)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of *name*."""
        wanted = name.lower()
        return tuple(value for key, value in self._pairs if key == wanted)

    def get(self, name: str) -> str | None:
        """Return the first value of *name*, None where there is none."""
        return next(iter(self.all(name)), None)

    def __repr__(self) -> str:
        return f"Headers({[name for name, _ in self._pairs]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address answered; its body decompressed only where the whole of it was asked for."""

    url: str
    status: int
    headers: Headers
    body: bytes
    truncated: bool = False


# ------------------------------------------------------------------ names and sockets

Resolve = Callable[[str, int], Sequence[str]]
"""Turns a host and a port into addresses; blocks; OSError where the name has none."""


def looked_up(host: str, port: int) -> tuple[str, ...]:
    """Return what the system's resolver knows about *host*, IPv6 and IPv4 in turn, each family in its order."""
    found = dict.fromkeys(str(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    six = (address for address in found if ":" in address)
    four = (address for address in found if ":" not in address)
    return tuple(address for address in chain.from_iterable(zip_longest(six, four)) if address)


class _Names:
    """Looks names up in threads of its own, a bounded number, and one for all who ask for the same name at once.

    The event loop's own threads are not used: the database works there, and a
    dead name server would stop it.  The threads are daemons, so that a lookup
    that hangs does not hold up the end of the program.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._free = asyncio.Semaphore(LOOKUPS)
        self._asked: dict[tuple[str, int], asyncio.Task[Sequence[str]]] = {}

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        task = self._asked.get((host, port))
        if task is None:
            task = asyncio.create_task(self._look_up(host, port))
            self._asked[host, port] = task
            task.add_done_callback(lambda _: self._asked.pop((host, port), None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, even if nobody waits
        return await asyncio.shield(task)

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def settle(found: Sequence[str] | OSError) -> None:
            if not answer.done():
                answer.set_exception(found) if isinstance(found, OSError) else answer.set_result(found)

        def ask() -> None:
            try:
                found: Sequence[str] | OSError = self._resolve(host, port)
            except UnicodeError as error:  # a label that is too long or empty
                found = OSError(str(error))
            except OSError as error:
                found = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, found)

        async with self._free:
            threading.Thread(target=ask, name=f"lookup {host}", daemon=True).start()
            return await answer

    async def aclose(self) -> None:
        waiting = list(self._asked.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


class _Sockets(httpcore2.AsyncNetworkBackend):
    """Opens sockets to addresses that may be reached.

    One lookup a connection; a single bad address among a name's answers rejects
    the name; the socket goes to a checked literal, and its peer is checked again.
    """

    def __init__(self, names: _Names, *, allow_private: bool) -> None:
        self._names = names
        self._allow_private = allow_private
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        end = loop.time() + (CONNECT if timeout is None else timeout)
        addresses = (await self._checked(host, port, end - loop.time()))[:ATTEMPTS]
        for left in range(len(addresses), 0, -1):
            address = addresses[-left]
            share = max(0.0, end - loop.time()) / left  # an address that swallows packets leaves time for the next
            try:
                stream = await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
                continue
            peer = str(stream.get_extra_info("server_addr")[0])
            if why := refusal(peer, allow_private=self._allow_private):
                await stream.aclose()
                raise WireError("blocked", f"{host} may not be reached: {why}")
            return stream
        raise WireError("dns", f"{host} has no address")

    async def _checked(self, host: str, port: int, seconds: float) -> Sequence[str]:
        try:
            addresses: Sequence[str] = (str(ip_address(host)),)
        except ValueError:
            addresses = await self._resolved(host, port, seconds)
        for address in addresses:
            if why := refusal(address, allow_private=self._allow_private):
                raise WireError("blocked", f"{host} may not be reached: {why}")
        return addresses

    async def _resolved(self, host: str, port: int, seconds: float) -> Sequence[str]:
        try:
            async with asyncio.timeout(seconds):
                return await self._names.addresses(host, port)
        except TimeoutError:
            raise WireError("dns", f"no name server answered for {host} within {seconds:.0f} s") from None
        except OSError as error:
            raise WireError("dns", f"{host} has no address: {error.strerror or error}") from error


# ------------------------------------------------------------------ unpacking

PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
ALIEN: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})  # packed, and not what we asked for


class _Unpacker:
    """Unpacks gzip and deflate in pieces, never past *most* bytes however small what comes in."""

    def __init__(self, encoding: str, most: int) -> None:
        self._most = most
        self._encoding = encoding
        self._inflate: zlib._Decompress | None = None
        self._plain = encoding not in PACKED
        self.unpacked = bytearray()

    def feed(self, data: bytes) -> None:
        """Take *data* in; WireError if the whole becomes too big or is not packed as it should be."""
        if self._inflate is None and not self._plain:
            self._begin(data)
        if self._plain:
            self.unpacked += data
        else:
            while data:
                data = self._step(data)
        if len(self.unpacked) > self._most:
            raise WireError("too_big", f"more than {self._most:,} bytes after unpacking")

    def _begin(self, data: bytes) -> None:
        """Choose by the first bytes: servers say gzip and send none, and two formats are called deflate."""
        if self._encoding == "deflate":
            zlib_head = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inflate = zlib.decompressobj(15 if zlib_head else -15)
        elif data[:1] == b"\x1f":
            self._inflate = zlib.decompressobj(31)
        else:
            self._plain = True

    def _step(self, data: bytes) -> bytes:
        assert self._inflate is not None
        room = self._most + 1 - len(self.unpacked)
        try:
            self.unpacked += self._inflate.decompress(data, max(room, 1))
        except zlib.error as error:
            raise WireError("protocol", f"the body is not {self._encoding}: {error}") from None
        if len(self.unpacked) > self._most:
            return b""
        if self._inflate.eof and self._encoding != "deflate" and self._inflate.unused_data[:1] == b"\x1f":
            rest, self._inflate = self._inflate.unused_data, zlib.decompressobj(31)  # gzip may hold several members
            return rest
        return self._inflate.unconsumed_tail

    def finish(self) -> bytes:
        """Return what was unpacked; WireError if the end is missing."""
        if self._inflate is not None and not self._inflate.eof:
            raise WireError("protocol", f"the {self._encoding} body ends too early")
        return bytes(self.unpacked)


# ------------------------------------------------------------------ the door


class _Stale(Exception):
    """A connection that was kept for reuse had been closed by the other side."""


class Door:
    """Asks the network, for one event loop; `aclose` when done."""

    def __init__(self, *, user_agent: str, tls: ssl.SSLContext, resolve: Resolve = looked_up) -> None:
        self._user_agent = user_agent
        self._names = _Names(resolve)
        # A connection that was opened for somebody who may reach private addresses is never lent to somebody who may
        # not: each has pools of their own.
        self._pools = {
            allow_private: tuple(self._pool(tls, allow_private=allow_private) for _ in range(SHARDS))
            for allow_private in (False, True)
        }

    def _pool(self, tls: ssl.SSLContext, *, allow_private: bool) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,  # whoever asks decides how much to ask at once; a hung host must not hold up others
            max_keepalive_connections=KEPT,
            keepalive_expiry=IDLE,
            network_backend=_Sockets(self._names, allow_private=allow_private),
        )

    async def __aenter__(self) -> Door:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection and forget every lookup."""
        for pool in chain.from_iterable(self._pools.values()):
            await pool.aclose()
        await self._names.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        allow_private: bool = False,
        deadline: float,
        most: int,
        whole: bool = False,
    ) -> Answer:
        """Return what *url* answers within *deadline* seconds for lookup, connect, send and the whole answer.

        With *whole* a 2xx body comes complete and unpacked, or WireError
        "too_big" says that it has more than *most* bytes.  Otherwise no packing
        is asked for, nothing is unpacked, and the body is cut at *most*, or
        where the connection broke: the status counts by then.
        Redirects are answers like any other.
        """
        target = _target(url)
        asked = partial(self._asked, method, url, target, self._headers(target, headers, whole=whole), content)
        ask = partial(asked, allow_private=allow_private, deadline=deadline, most=most, whole=whole)
        try:
            async with asyncio.timeout(deadline):
                try:
                    return await ask()
                except _Stale:
                    return await ask()
        except WireError:
            raise
        except TimeoutError:
            raise WireError("timeout", f"{target.host} did not answer completely within {deadline:g} s") from None
        except Exception as error:  # whatever the libraries below raise is one of our reasons
            raise _told(error, target.host) from error

    async def _asked(
        self,
        method: str,
        url: str,
        target: httpx2.URL,
        headers: list[tuple[bytes, bytes]],
        content: bytes | None,
        *,
        allow_private: bool,
        deadline: float,
        most: int,
        whole: bool,
    ) -> Answer:
        """Ask once; _Stale if a kept connection turned out to be closed, and asking again does no harm."""
        pool = self._pools[allow_private][zlib.crc32(target.netloc) % SHARDS]
        seen: set[str] = set()

        async def trace(event: str, _: object) -> None:
            seen.add(event)

        extensions = {"timeout": {"connect": min(CONNECT, deadline)}, "trace": trace}
        try:
            async with pool.stream(
                method, _core(target), headers=headers, content=content, extensions=extensions
            ) as response:
                return await _read(url, response, most=most, whole=whole)
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError) as error:
            kept = "connection.connect_tcp.started" not in seen
            if method == "GET" and kept and "http11.receive_response_headers.complete" not in seen:
                raise _Stale from error
            raise

    def _headers(self, target: httpx2.URL, headers: Mapping[str, str], *, whole: bool) -> list[tuple[bytes, bytes]]:
        own = {
            "host": target.netloc.decode("ascii"),
            "user-agent": self._user_agent,
            "accept": "*/*",
            "accept-encoding": "gzip, deflate" if whole else "identity",
        }
        if target.userinfo:
            user, _, password = target.userinfo.partition(b":")
            pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
            own["authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        own.update({name.lower(): value for name, value in headers.items()})
        try:
            return [(name.encode("ascii"), value.encode("latin-1")) for name, value in own.items()]
        except UnicodeEncodeError:
            raise WireError("protocol", "a header that is to be sent holds letters that HTTP cannot carry") from None


def door(*, user_agent: str) -> Door:
    """Return a door to the network as it is: the system's resolver and certificates (or SSL_CERT_FILE's)."""
    return Door(user_agent=user_agent, tls=httpx2.create_ssl_context())


def _target(url: str) -> httpx2.URL:
    """Return *url* taken apart; WireError if it is no address of the web."""
    try:
        target = httpx2.URL(url.strip())
        target.netloc.decode("ascii")
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise WireError("address", f"{redacted(url)} is no address that can be asked") from None
    if target.scheme not in ("http", "https"):
        raise WireError("address", f"{redacted(url)} is not of the web; it must begin with http:// or https://")
    if not target.host or (target.port is not None and not 0 < target.port < 65_536):
        raise WireError("address", f"{redacted(url)} names no host and port that can be asked")
    return target


def _core(target: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path or b"/"
    )


async def _read(url: str, response: httpcore2.Response, *, most: int, whole: bool) -> Answer:
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
    document = whole and 200 <= response.status < 300
    stream = response.aiter_stream()
    if document:
        body, truncated = await _unpacked(stream, headers, most), False
    else:
        body, truncated = await _cut(stream, min(most, ERROR_BODY) if whole else most)
    return Answer(url=url, status=response.status, headers=headers, body=body, truncated=truncated)


async def _cut(stream: AsyncIterator[bytes], most: int) -> tuple[bytes, bool]:
    kept = bytearray()
    try:
        async for chunk in stream:
            kept += chunk[: most + 1 - len(kept)]
            if len(kept) > most:  # leaving the stream unread closes the connection
                return bytes(kept[:most]), True
    except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):  # the status has been said, and it counts
        return bytes(kept), True
    return bytes(kept), False


async def _unpacked(stream: AsyncIterator[bytes], headers: Headers, most: int) -> bytes:
    named = ",".join(headers.all("content-encoding")).lower().replace(" ", "").split(",")
    encodings = [name for name in named if name in PACKED | ALIEN]
    if len(encodings) > 1 or ALIEN.intersection(encodings):
        raise WireError("protocol", f"the body is packed as {', '.join(encodings)}, which was not asked for")
    unpacker = _Unpacker(encodings[0] if encodings else "", most)
    taken = 0
    async for chunk in stream:
        taken += len(chunk)
        if taken > most:
            raise WireError("too_big", f"more than {most:,} bytes")
        unpacker.feed(chunk)
    return unpacker.finish()


def _told(error: Exception, host: str) -> WireError:
    """Return *error* of the libraries below as one of ours."""
    causes = list(_causes(error))
    if secured := next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None):
        why = getattr(secured, "verify_message", "") or secured.reason or str(secured)
        return WireError("tls", f"no secure connection to {host}: {str(why).replace('_', ' ').lower()}")
    match error:
        case httpcore2.TimeoutException():
            return WireError("timeout", f"{host} did not accept a connection in time")
        case httpcore2.ConnectError() if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
            return WireError("refused", f"{host} refused the connection")
        case httpcore2.ConnectError():
            return WireError("unreachable", f"{host} cannot be reached")
        case httpcore2.NetworkError() | OSError():
            return WireError("reset", f"{host} broke the connection off")
        case httpcore2.RemoteProtocolError() if "disconnected" in str(error) or "closed connection" in str(error):
            return WireError("reset", f"{host} closed the connection before the answer was complete")
        case httpcore2.ProtocolError():
            return WireError("protocol", f"{host} does not speak HTTP as it should: {error}")
        case _:
            return WireError("protocol", f"{host}: {type(error).__name__}")


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__
