"""The door itself: a request goes out, a bounded answer comes in, within a deadline over all of it."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from urllib.parse import unquote_to_bytes, urlsplit

import httpcore2
import httpx2

from monitor.guard.addresses import refusal_of_name
from monitor.guard.answer import Answer, Headers, WireError
from monitor.guard.names import Names, Resolve, looked_up
from monitor.guard.pools import Pools
from monitor.guard.shown import redacted
from monitor.guard.sockets import CONNECT
from monitor.guard.unpack import ALIEN, PACKED, Unpacker

ERROR_BODY = 4096  # bytes kept of an answer that is no document


class Door:
    """Asks the network, for one event loop; `aclose` when done."""

    def __init__(self, *, user_agent: str, tls: ssl.SSLContext, resolve: Resolve = looked_up) -> None:
        self._user_agent = user_agent
        self._names = Names(resolve)
        self._pools = Pools(self._names, tls)

    async def __aenter__(self) -> Door:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection and forget every lookup."""
        await self._pools.aclose()
        await self._names.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        allow_private: bool = False,
        proxy: str | None = None,
        deadline: float,
        most: int,
        whole: bool = False,
    ) -> Answer:
        """Return what *url* answers within *deadline* seconds for lookup, connect, send and the whole answer.

        With *whole* a 2xx body comes complete and unpacked, or WireError
        "too_big" says that it has more than *most* bytes.  Otherwise no packing
        is asked for, nothing is unpacked, and the body is cut at *most*, or
        where the connection broke: the status counts by then.
        Redirects are answers like any other.  A *proxy* looks names up itself,
        so what they lead to is its to refuse; literal addresses are checked here.
        """
        target = _target(url)
        who = target.host
        if proxy is not None:
            who = f"{target.host} through the proxy {urlsplit(proxy).hostname}"
            if why := refusal_of_name(target.host, allow_private=allow_private):
                raise WireError("blocked", f"{target.host} may not be reached: {why}")
        request = httpcore2.Request(
            method,
            _core(target),
            headers=self._headers(target, headers, content, whole=whole),
            content=content,
            extensions={"timeout": {"connect": min(CONNECT, deadline)}},
        )
        try:
            async with (
                asyncio.timeout(deadline),
                self._pools.to(allow_private=allow_private, proxy=proxy).ask(request) as response,
            ):
                return await _read(url, response, most=most, whole=whole)
        except WireError:
            raise
        except TimeoutError:
            raise WireError("timeout", f"{who} did not answer completely within {deadline:g} s") from None
        except (NameError, ImportError, AttributeError):  # a fault of this program is nobody else's
            raise
        except Exception as error:  # whatever the libraries below raise is one of our reasons
            raise _told(error, who) from error

    def _headers(
        self, target: httpx2.URL, headers: Mapping[str, str], content: bytes | None, *, whole: bool
    ) -> list[tuple[bytes, bytes]]:
        own = {
            "host": target.netloc.decode("ascii"),
            "user-agent": self._user_agent,
            "accept": "*/*",
            "accept-encoding": "gzip, deflate" if whole else "identity",
        }
        if content is not None:
            own["content-length"] = str(len(content))
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
    unpacker = Unpacker(encodings[0] if encodings else "", most)
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
        case httpcore2.ProxyError():
            return WireError("proxy", f"no way to {host}: it answers {error}")
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
