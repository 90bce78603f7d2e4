"""Real HTTP servers on loopback for tests: a Publisher whose documents are read, a Receiver whom webhooks reach.

    with Publisher() as publisher:
        url = publisher.publish("/feed.xml", RSS)                   # answers 200, then 304 to whoever echoes its etag
        publisher.script("/sick.xml", Reply(status=503), hang())    # one reply a request; the last one repeats
        ...
        assert publisher.hits_at("/feed.xml")[0].headers["user-agent"].startswith("media-monitor/")

    with Receiver() as receiver:
        receiver.script("/", Reply(status=500), Reply(status=200))
        ...
        receiver.wait_until(lambda: len(receiver.hits) == 2)

Leaving the block closes every connection, ends every thread and raises what
went wrong in one of them.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import hmac
import http.client
import select
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlencode, urlsplit

# ------------------------------------------------------------------ what arrives, what is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request as it arrived."""

    method: str
    path: str  # with its query
    headers: Message  # case-insensitive; `get_all` for repeated ones
    body: bytes
    at: float  # time.monotonic() when its body was complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a site answers, and what goes wrong meanwhile."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Sequence[bytes] = b""  # a sequence of chunks goes out as chunked encoding
    hang: bool = False  # accepts and never answers
    reset: bool = False  # RST in place of an answer
    cut: int | None = None  # closes after so many bytes of the body, whatever content-length said
    head_drip: float = 0.0  # seconds between the bytes of the head
    drip: float = 0.0  # seconds between the bytes of the body
    raw: bytes | None = None  # sent as it is in place of head and body


def hang() -> Reply:
    """Return the reply of a site that accepts and never answers."""
    return Reply(hang=True)


def reset() -> Reply:
    """Return the reply of a site that resets the connection."""
    return Reply(reset=True)


def redirect(to: str, status: int = 302) -> Reply:
    """Return a redirect to *to*."""
    return Reply(status=status, headers={"Location": to})


def drip(body: bytes = b"x" * 100_000, seconds: float = 0.05) -> Reply:
    """Return a reply whose *body* comes one byte every so many *seconds*."""
    return Reply(body=body, drip=seconds)


def drip_head(seconds: float = 0.05) -> Reply:
    """Return a reply whose head comes one byte every so many *seconds*."""
    return Reply(headers={"X-Long": "y" * 2000}, head_drip=seconds)


def huge(size: int, content_type: str = "application/xml") -> Reply:
    """Return a chunked reply of about *size* bytes."""
    block = b"z" * 65_536
    return Reply(headers={"Content-Type": content_type}, body=[block] * (size // len(block) + 1))


def bomb(size: int, content_type: str = "application/xml") -> Reply:
    """Return a gzip reply that unpacks to *size* zero bytes."""
    headers = {"Content-Type": content_type, "Content-Encoding": "gzip"}
    return Reply(headers=headers, body=gzip.compress(b"\0" * size))


# ------------------------------------------------------------------ waiting


PATIENCE = 90.0  # seconds until a wait is given up: a busy machine takes its time, and what comes ends the wait


def wait_until(
    predicate: Callable[[], object], seconds: float = PATIENCE, *, told: threading.Condition | None = None
) -> None:
    """Return once *predicate* holds; AssertionError after *seconds*.

    Looked at whenever *told* is notified, and every 20 ms for what notifies nobody.
    """
    condition = told or threading.Condition()
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() >= end:
            raise AssertionError(f"what the test waited for did not come within {seconds} s")
        with condition:
            condition.wait(0.02)


# ------------------------------------------------------------------ the server


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end
    block_on_close = True
    request_queue_size = 512
    site: Site

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Talk)
        self.open: set[socket.socket] = set()
        self.ending = threading.Event()
        self.faults: list[BaseException] = []
        self.tls: ssl.SSLContext | None = None

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:
            request.settimeout(10)
            with self.tls.wrap_socket(request, server_side=True) as secured:
                self.open.add(secured)
                super().finish_request(secured, client_address)
                self.open.discard(secured)
        else:
            super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError | ssl.SSLError):  # the other side hung up
            self.faults.append(error)

    def end(self) -> None:
        self.ending.set()
        self.shutdown()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the hits are the log."""

    def answer(self) -> None:
        hit = Hit(
            method=self.command,
            path=self.path,
            headers=self.headers,
            body=self.rfile.read(int(self.headers.get("content-length") or 0)),
            at=time.monotonic(),
        )
        reply = self.server.site._met(hit)
        try:
            self.send(reply)
        finally:
            self.server.site._answered()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_HEAD(self) -> None:
        self.answer()

    def do_CONNECT(self) -> None:
        """Lead the way to where the site says, until either side has enough."""
        site = self.server.site
        hit = Hit(method="CONNECT", path=self.path, headers=self.headers, body=b"", at=time.monotonic())
        reply = site._met(hit)
        self.close_connection = True
        if reply.status != 200 or not isinstance(site, Proxy):
            self.send(reply)
            return
        with socket.create_connection(("127.0.0.1", site.leads[self.path.partition(":")[0]])) as other:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {cast(socket.socket, self.connection): other, other: cast(socket.socket, self.connection)}
            while not self.server.ending.is_set():
                for end in select.select(list(ends), [], [], 0.05)[0]:
                    data = end.recv(65_536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def send(self, reply: Reply) -> None:
        if reply.hang:
            self.close_connection = True
            self.server.ending.wait()
        elif reply.reset:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            cast(socket.socket, self.connection).close()
        elif reply.raw is not None:
            self.close_connection = True
            self.write(reply.raw, reply.drip)
        else:
            self.write(self.head(reply), reply.head_drip)
            if self.command != "HEAD" and reply.status not in (204, 304):
                self.send_body(reply)

    def head(self, reply: Reply) -> bytes:
        known = {name.lower() for name in reply.headers}
        lines = [f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('So',))[0]}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        if "date" not in known:
            lines.append(f"Date: {self.date_time_string()}")
        if isinstance(reply.body, bytes):
            if "content-length" not in known and reply.status not in (204, 304):
                lines.append(f"Content-Length: {len(reply.body)}")
        else:
            lines.append("Transfer-Encoding: chunked")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def send_body(self, reply: Reply) -> None:
        if isinstance(reply.body, bytes):
            self.write(reply.body[: reply.cut], reply.drip)
        else:
            for chunk in reply.body:
                self.write(b"%x\r\n%s\r\n" % (len(chunk), chunk), reply.drip)
            self.write(b"0\r\n\r\n", 0)
        if reply.cut is not None:
            self.close_connection = True

    def write(self, data: bytes, pause: float) -> None:
        if not pause:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.ending.wait(pause):
                raise ConnectionAbortedError("the test is over")


# ------------------------------------------------------------------ sites


class Site:
    """A server on a free port of loopback that logs what it is asked and answers by script."""

    otherwise = Reply(status=404, body=b"there is nothing here")

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._told = threading.Condition()
        self._hits: list[Hit] = []
        self._scripts: dict[str, list[Reply]] = {}
        self._server = _Server((host, 0))
        self._server.site = self
        self._server.tls = tls
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.answered = 0  # how many replies are out, cut ones included
        self.host = host
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join()
        if self._server.faults and error is None:
            raise AssertionError("the test server itself failed") from self._server.faults[0]

    def url(self, path: str = "/") -> str:
        """Return the address of *path* here."""
        return f"{'https' if self._server.tls else 'http'}://{self.host}:{self.port}{path}"

    def script(self, path: str, *replies: Reply) -> str:
        """Answer *path* with *replies*, one a request, the last one for ever; return its address."""
        with self._told:
            self._scripts[path] = list(replies)
        return self.url(path)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What arrived so far, in order."""
        with self._told:
            return tuple(self._hits)

    def hits_at(self, path: str) -> tuple[Hit, ...]:
        """Return what arrived at *path*, whatever its query."""
        return tuple(hit for hit in self.hits if hit.path.partition("?")[0] == path)

    def wait_until(self, predicate: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Return once *predicate* holds; AssertionError after *seconds*."""
        wait_until(predicate, seconds, told=self._told)

    def reply_to(self, hit: Hit) -> Reply:
        """Return what answers *hit* where no script does."""
        return self.otherwise

    def _met(self, hit: Hit) -> Reply:
        with self._told:
            self._hits.append(hit)
            self._told.notify_all()
            script = self._scripts.get(hit.path.partition("?")[0])
            if not script:
                return self.reply_to(hit)
            return script.pop(0) if len(script) > 1 else script[0]

    def _answered(self) -> None:
        with self._told:
            self.answered += 1
            self._told.notify_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    body: bytes
    headers: Mapping[str, str]
    etag: str | None
    last_modified: str | None


class Publisher(Site):
    """A news site: documents at paths, with validators."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host=host, tls=tls)
        self._published: dict[str, _Published] = {}

    def publish(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str | None = "application/xml",
        etag: str | None = "auto",
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        packed: bool = False,
    ) -> str:
        """Put *body* at *path* (gzip if *packed*) and return its address; an *etag* of "auto" is the body's hash."""
        data = body.encode() if isinstance(body, str) else body
        sent = dict(headers or {})
        if content_type is not None:
            sent["Content-Type"] = content_type
        if packed:
            sent["Content-Encoding"] = "gzip"
        if etag == "auto":
            etag = f'"{hashlib.blake2b(data, digest_size=8).hexdigest()}"'
        published = _Published(
            body=gzip.compress(data) if packed else data, headers=sent, etag=etag, last_modified=last_modified
        )
        with self._told:
            self._published[path] = published
            self._scripts.pop(path, None)
        return self.url(path)

    def withdraw(self, path: str) -> None:
        """Take the document at *path* away: 404 from now on."""
        with self._told:
            self._published.pop(path, None)

    def reply_to(self, hit: Hit) -> Reply:
        published = self._published.get(hit.path.partition("?")[0])
        if published is None:
            return self.otherwise
        headers = dict(published.headers)
        if published.etag is not None:
            headers["ETag"] = published.etag
        if published.last_modified is not None:
            headers["Last-Modified"] = published.last_modified
        echoed = hit.headers.get("if-none-match")
        known = (
            echoed == published.etag
            if echoed is not None
            else hit.headers.get("if-modified-since") == published.last_modified
        )
        validators = published.etag if echoed is not None else published.last_modified
        if validators is not None and known:
            headers.pop("Content-Type", None)
            headers.pop("Content-Encoding", None)
            return Reply(status=304, headers=headers)
        return Reply(headers=headers, body=published.body)


class Receiver(Site):
    """Somebody whom webhooks reach: takes everything with 200 unless scripted otherwise."""

    otherwise = Reply(status=200, body=b"thank you")


class Proxy(Site):
    """An HTTP proxy that knows where some hosts are: a port of loopback for each name."""

    def __init__(self, **leads: int) -> None:
        super().__init__()
        self.leads = {name.replace("_", "."): port for name, port in leads.items()}

    def reply_to(self, hit: Hit) -> Reply:
        if hit.method == "CONNECT":
            return Reply()
        parts = urlsplit(hit.path)
        there = http.client.HTTPConnection("127.0.0.1", self.leads[parts.hostname or ""], timeout=10)
        with contextlib.closing(there):
            headers = {name: value for name, value in hit.headers.items() if not name.lower().startswith("proxy-")}
            there.request(hit.method, parts.path, headers=headers)
            answer = there.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() != "connection"}
            return Reply(status=answer.status, headers=kept, body=answer.read())


class Hub(Site):
    """A WebSub hub: asks back before it believes anybody, and tells its subscribers, whom it signs for."""

    def __init__(self, *, lease: int = 864_000, method: str = "sha256") -> None:
        super().__init__()
        self.lease = lease
        self.method = method
        self.subscribers: dict[tuple[str, str], str] = {}  # topic and callback → secret
        self.asked_back: list[int] = []  # what those who were asked back answered

    def reply_to(self, hit: Hit) -> Reply:
        """Ask back before the answer, as some hubs do: whoever asked must know by then what it asked for."""
        wanted = {name: values[0] for name, values in parse_qs(hit.body.decode()).items()}
        mode, topic, callback = (wanted[f"hub.{name}"] for name in ("mode", "topic", "callback"))
        status, echoed = self.ask_back(mode, topic, callback)
        with self._told:
            self.asked_back.append(status)
            if status == 200 and echoed == b"a-challenge" and mode == "subscribe":
                self.subscribers[topic, callback] = wanted["hub.secret"]
            elif status == 200 and echoed == b"a-challenge":
                self.subscribers.pop((topic, callback), None)
            self._told.notify_all()
        return Reply(status=202)

    def ask_back(self, mode: str, topic: str, callback: str, **more: str) -> tuple[int, bytes]:
        """Return what *callback* answers to whether it meant to *mode* (or to "denied") *topic*."""
        said = {"mode": mode, "topic": topic, "challenge": "a-challenge", "lease_seconds": str(self.lease), **more}
        return asked(f"{callback}?{urlencode({f'hub.{name}': value for name, value in said.items()})}")

    def push(self, topic: str, body: bytes, *, secret: str | None = None, sign: bool = True) -> list[int]:
        """Return what the subscribers of *topic* answer to *body*, signed with their secrets or with *secret*."""
        answers = []
        for (subscribed, callback), own in list(self.subscribers.items()):
            if subscribed == topic:
                digest = hmac.new((secret or own).encode(), body, self.method).hexdigest()
                headers = {"X-Hub-Signature": f"{self.method}={digest}"} if sign else {}
                answers.append(asked(callback, body, **headers)[0])
        return answers


def asked(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Return the status and the body with which *url* answers a GET, or a POST of *body*."""
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class ReverseProxy(Site):
    """Passes on what is asked of it under /monitor to the address *to*: 502 until there is one."""

    to: str | None = None

    def reply_to(self, hit: Hit) -> Reply:
        if self.to is None or not hit.path.startswith("/monitor/"):
            return Reply(status=502)
        signature = {"X-Hub-Signature": sent} if (sent := hit.headers.get("x-hub-signature")) else {}
        body = hit.body if hit.method == "POST" else None
        status, answer = asked(self.to + hit.path.removeprefix("/monitor"), body, **signature)
        return Reply(status=status, body=answer)
