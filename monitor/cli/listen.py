"""`monitor listen`: a receiver to look at.  It verifies, answers, prints; it needs no config."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

from rich.console import Console
from rich.text import Text

from monitor.delivery.signature import secret_fault, verify
from monitor.errors import UsageError
from monitor.model import Clock

PORT = 8601
MOST_BODY = 1_000_000  # bytes; ours are 20,000 at most
MOST_DRAINED = 16_000_000  # bytes read and thrown away, so that the sender of too much reads our answer
REMEMBERED = 10_000  # webhook-ids, to mark repeats
PATIENCE = 10.0  # seconds that a sender may pause

Verdict = Literal["verified", "unverified", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One POST, and what was made of it."""

    at: datetime
    status: int  # what we answered
    verdict: Verdict
    reason: str | None = None  # why it was refused
    id: str | None = None
    repeat: int = 0  # how often the id was accepted before
    body: Mapping[str, Any] | None = None

    @property
    def type(self) -> str:
        """What the message says it is."""
        return _plain((self.body or {}).get("type", "?"))


# ------------------------------------------------------------------ receiving


class Listener:
    """Receives webhooks on loopback in a thread while the `with` block lasts, and passes each to *heard*.

    Port 0 takes a free one.  With *secrets*, what none of them signed is
    refused; without, everything is taken.
    """

    def __init__(
        self, *, clock: Clock, heard: Callable[[Heard], None], port: int = 0, secrets: Sequence[str] = ()
    ) -> None:
        self._clock = clock
        self._tell = heard
        self._secrets = tuple(secrets)
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._server = _Server(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    @property
    def url(self) -> str:
        """The address to put into channels.yaml."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.end()
        self._thread.join()

    def take(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """Return what is made of a POST of *body*, once it has been told."""
        return self._tell_in_turn(self._judged({name.lower(): value for name, value in headers.items()}, body))

    def refuse(self, status: int, reason: str) -> Heard:
        """Return the refusal of something that was not read, once it has been told."""
        return self._tell_in_turn(self._refused(status, reason))

    def _judged(self, headers: Mapping[str, str], body: bytes) -> Heard:
        now, id = self._clock(), headers.get("webhook-id")
        if self._secrets and (reason := verify(self._secrets, headers, body, now=now)):
            return self._refused(400 if reason.startswith("no webhook-") else 401, reason, id)
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            return self._refused(400, "the body is no JSON object", id)
        verdict: Verdict = "verified" if self._secrets else "unverified"
        return Heard(at=now, status=204, verdict=verdict, id=id, repeat=self._count(id), body=told)

    def _refused(self, status: int, reason: str, id: str | None = None) -> Heard:
        return Heard(at=self._clock(), status=status, verdict="refused", reason=reason, id=id)

    def _count(self, id: str | None) -> int:
        """Return how often *id* came before."""
        if id is None:
            return 0
        with self._lock:
            before = self._seen.pop(id, 0)
            self._seen[id] = before + 1
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return before

    def _tell_in_turn(self, heard: Heard) -> Heard:
        with self._lock:
            self._tell(heard)
        return heard


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # joined at the end
    request_queue_size = 128

    def __init__(self, port: int, listener: Listener) -> None:
        self.listener = listener
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Talk)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the other side hung up."""

    def end(self) -> None:
        self.shutdown()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE
    server: _Server

    def do_GET(self) -> None:
        self._answer(200, "monitor listen: POST webhooks here")

    def do_POST(self) -> None:
        heard = self._heard()
        self._answer(heard.status, heard.reason or "")

    def _heard(self) -> Heard:
        listener, length = self.server.listener, self.headers.get("content-length", "")
        if not re.fullmatch(r"[0-9]{1,18}", length):
            self.close_connection = True
            return listener.refuse(411, "no content-length")
        if int(length) > MOST_BODY:
            self.close_connection = True
            self._drain(int(length))
            return listener.refuse(413, f"a body of {int(length):,} bytes, where {MOST_BODY:,} are the most")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return listener.refuse(400, "the body ended too early")
        return listener.take(dict(self.headers.items()), body)

    def _drain(self, length: int) -> None:
        left = min(length, MOST_DRAINED)
        while left > 0 and (read := len(self.rfile.read(min(left, 65_536)))):
            left -= read

    def _answer(self, status: int, text: str) -> None:
        body = f"{text}\n".encode() if status != 204 else b""
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what was heard is the log."""


# ------------------------------------------------------------------ showing

_STYLES = {"high": "bold red", "normal": "bold yellow", "low": "bold blue"}
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")  # what moves a terminal's cursor


def _plain(value: object) -> str:
    """Return *value* as text that does nothing to a terminal but stand there."""
    return _UNSHOWN.sub("\ufffd", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _within(value: object, *path: str) -> Any:
    """Return what stands at *path* inside *value*, None where the path ends early: any sender may write anything."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def shown(heard: Heard) -> Text:
    """Return what people see of *heard*: what it is about, and why it came."""
    text = Text(f"{heard.at.astimezone():%H:%M:%S}  ")
    if heard.verdict == "refused":
        return text.append("REFUSED", "bold red").append(f" ({heard.status})  {_plain(heard.reason)}\n")
    text.append(heard.type, "bold").append("  ")
    text.append(*(("verified", "green") if heard.verdict == "verified" else ("UNVERIFIED", "bold yellow")))
    if heard.repeat:
        text.append(f"  repeat {heard.repeat}", "magenta")
    text.append(f"  {_plain(heard.id or 'no webhook-id')}\n", "dim")
    data = _within(heard.body, "data")
    if _within(data, "alert"):
        return text.append(_alert(data))
    return text.append(_feed(data) if _within(data, "feed", "id") else _other(data))


def _alert(data: Any) -> Text:
    severity = _plain(_within(data, "alert", "severity") or "?")
    rule, title = (_plain(_within(data, "alert", "rule", name) or "?") for name in ("id", "title"))
    text = Text("  ").append(severity.upper(), _STYLES.get(severity, "bold")).append(f"  {title} ({rule})\n")
    text.append(f"  {_plain(_within(data, 'article', 'headline') or '(no headline)')}\n", "bold")
    if url := _within(data, "article", "url"):
        text.append(f"  {_plain(url)}\n", "cyan")
    if change := _within(data, "change"):
        text.append(_changed(change))
    why = _within(data, "why")
    for hit in why if isinstance(why, list) else []:
        text.append("    ").append(_evidence(hit)).append("\n")
    if cut := _within(data, "truncated"):
        text.append(f"  cut to fit: {_plain(cut)}\n", "dim")
    return text


def _changed(change: Any) -> Text:
    """Return what an edit changed: the parts of the article, and what they said before."""
    fields = _within(change, "fields")
    named = ", ".join(map(_plain, fields)) if isinstance(fields, list) else "?"
    text = Text(f"  {_plain(_within(change, 'kind') or 'changed')}: {named}\n", "yellow")
    before = _within(change, "before")
    for field, said in before.items() if isinstance(before, Mapping) else ():
        text.append(f"    {_plain(field)} before: ", "dim").append(f"{_plain(said or '(nothing)')}\n", "strike")
    return text


def _evidence(hit: Any) -> Text:
    """Return a hit's sentence with what was found in it marked."""
    clause, found, sentence = (_plain(_within(hit, name) or "") for name in ("clause", "text", "sentence"))
    before, marked, after = sentence.partition(found) if found else (sentence, "", "")
    place = _plain(_within(hit, "field") or "?")
    paragraph = _within(hit, "paragraph")
    place += f" {paragraph + 1}" if isinstance(paragraph, int) else ""
    text = (
        Text(f"{place}: ", "dim").append(before, "not dim").append(marked, "not dim reverse").append(after, "not dim")
    )
    return text.append(f"  {clause}", "green")


def _feed(data: Any) -> Text:
    """Return what has become of a feed, and why."""
    state, before = (_plain(_within(data, name) or "?") for name in ("state", "before"))
    since, why = (_plain(_within(data, name) or "?") for name in ("since", "why"))
    text = Text("  ").append(state.upper(), "bold green" if state == "ok" else "bold red")
    text.append(f"  {_plain(_within(data, 'feed', 'id'))}, which was {before}; since {since}: {why}\n")
    if fault := _within(data, "fault"):
        text.append(f"  {_plain(fault)}\n")
    if url := _within(data, "feed", "url"):
        text.append(f"  {_plain(url)}\n", "cyan")
    return text


def _other(data: Any) -> Text:
    facts = data if isinstance(data, Mapping) else {"data": data}
    return Text("".join(f"  {_plain(name)}: {_plain(value)}\n" for name, value in facts.items() if name != "schema"))


def as_line(heard: Heard) -> str:
    """Return *heard* as one line of JSON."""
    line = {
        "received_at": heard.at.isoformat(),
        "webhook_id": heard.id,
        "type": (heard.body or {}).get("type"),
        "verdict": heard.verdict,
        "reason": heard.reason,
        "repeat": heard.repeat,
        "status": heard.status,
        "body": heard.body,
    }
    return json.dumps(line)  # ASCII: a half surrogate in a body must not stop the output


# ------------------------------------------------------------------ the command


def serve(
    *,
    port: int = PORT,
    secret: str | None = None,
    console: Console,
    as_json: bool = False,
    clock: Clock,
    until: Callable[[], object] | None = None,
) -> None:
    """Receive and print until Ctrl-C (or until *until* returns).  The output is *console*'s."""
    if secret is not None and (fault := secret_fault(secret)):
        raise UsageError(f"--secret: {fault}")

    def show(heard: Heard) -> None:
        if as_json:
            print(as_line(heard), file=console.file, flush=True)
        else:
            console.print(shown(heard), soft_wrap=True)

    try:
        listener = Listener(clock=clock, heard=show, port=port, secrets=() if secret is None else (secret,))
    except OSError as error:
        why = f"port {port} cannot be listened on: {error.strerror or error}; choose another with --port"
        raise OSError(error.errno, why) from error
    with contextlib.suppress(KeyboardInterrupt), listener:
        if not as_json:
            console.print(_greeting(listener.url, secret))
        (until or threading.Event().wait)()


def _greeting(url: str, secret: str | None) -> Text:
    text = Text("Listening on ").append(url, "bold cyan").append(" (Ctrl-C ends).  In channels.yaml:\n\n")
    text.append(f'channels:\n  listen:\n    type: webhook\n    url: "{url}"\n    allow_private: true\n', "green")
    if secret is None:
        return text.append("\nNo --secret was given: nothing will be verified.\n", "yellow")
    return text.append('    secrets: ["${LISTEN_SECRET}"]   # the one given as --secret\n', "green")
