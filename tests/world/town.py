"""The acceptance language: a town with papers, a desk that is told, and the real daemon between them.

with Town(tmp_path) as town:
    town.watches("floods", "flood AND NOT simulation")
    town.publishes("gazette", Story("Flood in town"))
    with town.daemon():
        town.waits_until(lambda: town.told("floods") == ["Flood in town"])
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.serving import PATIENCE, Hit, Publisher, Receiver, Reply, wait_until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
LIMITED = """
import resource, runpy, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("monitor", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a paper prints."""

    headline: str
    text: str = "The river rose by two metres."
    link: str | None = None
    guid: str | None = None
    page: str | Reply | None = None  # what its own page says, or answers: then the paper's whole texts are read
    at: datetime | None = None  # now, when left out


def page(story: Story) -> str:
    """Return the page of *story*, its text between what every page of a site has."""
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in str(story.page).split("\n\n"))
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(story.headline)}</title></head><body>"
        f"<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav><article><h1>{escape(story.headline)}</h1>"
        f"<p class='lead'>{escape(story.text)}</p>{paragraphs}</article>"
        "<footer><p>Copyright. All rights reserved.</p></footer></body></html>"
    )


def rss(paper: str, stories: list[Story]) -> str:
    """Return the feed of *paper*, the newest story first."""
    items = "".join(
        f"<item><title>{escape(each.headline)}</title>"
        f"<link>{escape(each.link or f'https://{paper}.example/{n}')}</link>"
        f"<guid isPermaLink='false'>{escape(each.guid or f'{paper}-{n}')}</guid>"
        f"<description>{escape(each.text)}</description>"
        f"<pubDate>{format_datetime(each.at or datetime.now(UTC))}</pubDate></item>"  # noqa: TID251  a paper has its own clock
        for n, each in reversed(list(enumerate(stories)))
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(paper)}</title>'
        f"<link>https://{paper}.example/</link>{items}</channel></rss>"
    )


@dataclass(slots=True)
class Town:
    """Papers, rules, one desk, and as many daemons as a test starts."""

    folder: Path
    database_url: str | None = None
    max_lag: str = "1s"
    publisher: Publisher = field(default_factory=Publisher)
    receiver: Receiver = field(default_factory=Receiver)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _papers: dict[str, list[Story]] = field(default_factory=dict)
    _rules: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.publisher.__enter__()
        self.receiver.__enter__()
        (self.folder / "config" / "rules").mkdir(parents=True)
        (self.config / "monitor.yaml").write_text("listen: 127.0.0.1:0\nlog_format: json\n")
        (self.config / "channels.yaml").write_text(
            f"default: desk\nchannels:\n  desk:\n    type: webhook\n    url: {self.receiver.url('/desk')}\n"
            f"    secrets: [{SECRET}]\n    allow_private: true\n"
        )
        self._write()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.receiver.__exit__(kind, error, traceback)
        self.publisher.__exit__(kind, error, traceback)
        if error is not None:
            sys.stderr.write(self.log()[-6000:])

    @property
    def config(self) -> Path:
        return self.folder / "config"

    # -------------------------------------------------------------- what happens in it

    def watches(self, rule: str, query: str, **keys: str) -> None:
        """Let the desk be told of what *query* matches."""
        self._rules[rule] = json.dumps({"id": rule, "title": rule, "match": query, **keys}, ensure_ascii=False)
        self._write()

    def publishes(self, paper: str, *stories: Story) -> None:
        """Let *paper* print *stories* on top of what it printed before."""
        is_new = paper not in self._papers
        printed = self._papers.setdefault(paper, [])
        printed.extend(self._with_page(f"/{paper}/{len(printed) + n}.html", each) for n, each in enumerate(stories))
        self.publisher.publish(f"/{paper}.xml", rss(paper, printed), content_type="application/rss+xml")
        if is_new:
            self._write()

    def corrects(self, paper: str, headline: str, /, **changed: Any) -> None:
        """Let *paper* print the story under *headline* otherwise than before."""
        printed = self._papers[paper]
        (n,) = [n for n, each in enumerate(printed) if each.headline == headline]
        printed[n] = replace(printed[n], **changed)
        self.publishes(paper)

    def moves(self, paper: str) -> None:
        """Let *paper* change to other software: every story gets another id and another address."""
        printed = self._papers[paper]
        printed[:] = [
            replace(each, guid=f"urn:{paper}:{n}", link=f"https://www.{paper}.example/stories/{n}-in-town")
            for n, each in enumerate(printed)
        ]
        self.publishes(paper)

    def forbids(self, *paths: str) -> None:
        """Let the papers' robots.txt ask everybody to keep away from *paths*."""
        rules = "".join(f"Disallow: {path}\n" for path in paths)
        self.publisher.publish("/robots.txt", f"User-agent: *\n{rules}", content_type="text/plain")

    def _with_page(self, path: str, story: Story) -> Story:
        if story.page is None:
            return story
        if isinstance(story.page, Reply):
            self.publisher.script(path, story.page)
        else:
            self.publisher.publish(path, page(story), content_type="text/html")
        return replace(story, link=story.link or self.publisher.url(path))

    def _write(self) -> None:
        feeds = "".join(
            f"  - {{id: {paper}, url: '{self.publisher.url(f'/{paper}.xml')}', outlet: {paper}"
            f"{', full_text: true' if any(each.page for each in printed) else ''}}}\n"
            for paper, printed in self._papers.items()
        )
        defaults = f"defaults: {{max_lag: {self.max_lag}, allow_private: true}}\n"
        (self.config / "feeds.yaml").write_text(defaults + (f"feeds:\n{feeds}" if feeds else ""))
        rules = "".join(f"  - {rule}\n" for rule in self._rules.values())
        (self.config / "rules" / "town.yaml").write_text(f"version: 1\n{f'rules:{chr(10)}{rules}' if rules else ''}")

    # -------------------------------------------------------------- what the desk hears

    def letters(self) -> list[tuple[Hit, dict[str, Any]]]:
        """Return every request that reached the desk whole, with its body read."""
        return [(hit, json.loads(hit.body)) for hit in self.hits()]

    def hits(self) -> list[Hit]:
        """Return every request that reached the desk whole: a daemon may be killed in the middle of one."""
        return [hit for hit in self.receiver.hits if len(hit.body) == int(hit.headers["content-length"])]

    def told(self, rule: str, type: str = "alert.raised") -> list[str]:
        """Return the headlines that the desk was told of by *rule*, a repeat of one delivery once."""
        heard = {
            hit.headers["webhook-id"]: body["data"]["article"]["headline"]
            for hit, body in self.letters()
            if body["type"] == type and body["data"]["alert"]["rule"]["id"] == rule
        }
        return list(heard.values())

    def repeats(self) -> int:
        """Return how many requests were repeats of a delivery that had reached the desk before."""
        heard = Counter(hit.headers["webhook-id"] for hit in self.hits())
        return sum(heard.values()) - len(heard)

    def waits_until(self, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Return once *holds*; AssertionError after *seconds*."""
        wait_until(holds, seconds)

    # -------------------------------------------------------------- the program

    def monitor(self, *arguments: str, largest_file: int | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """Start the program with *arguments* on this town's config; no file of it may outgrow *largest_file* bytes."""
        program = ["-m", "monitor"] if largest_file is None else ["-c", LIMITED, str(largest_file)]
        variables = {
            **os.environ,  # noqa: TID251  a program needs its PATH
            **({"MONITOR_DATABASE_URL": self.database_url} if self.database_url else {}),
            **environment,
        }
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *program, *arguments, "--config", str(self.config)],
                cwd=self.folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def does(self, *arguments: str) -> int:
        """Run the program with *arguments* to its end and return its exit code."""
        return self.monitor(*arguments).wait(PATIENCE)

    @contextmanager
    def daemon(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run the daemon while inside, then stop it with TERM, and see that it ends well."""
        taken = len(self.events("config_taken"))
        process = self.monitor("run", "--no-console", *arguments)
        self.waits_until(lambda: len(self.events("config_taken")) > taken)
        yield process
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
        assert code == 0, f"the daemon ended with {code}: {self.log()[-1500:]}"

    def log(self) -> str:
        """Return what the program has written so far."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the log events called *name*."""
        found = []
        for line in self.log().splitlines():
            if line.startswith("{"):
                event = json.loads(line)
                if event.get("event") == name:
                    found.append(event)
        return found
