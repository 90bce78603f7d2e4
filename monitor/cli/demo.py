"""`monitor demo`: the whole way from a publisher to a receiver, on this machine and in a few seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from monitor.cli.exits import FAILED, fail
from monitor.cli.options import NoFolder

if TYPE_CHECKING:
    import queue

    from monitor.cli.listen import Heard
    from monitor.cli.press import Press

PATIENCE = 40.0  # seconds without an alert; they all take four, on a machine with ten other things to do thirty
EXPECTED = {
    ("dam-safety", "Commission orders repairs at the Old Dam"),
    ("dam-safety", "Седница Речне комисије због бране"),
    ("strikes", "River pilots announce a strike"),
}
LATER = ("dam-safety", "Water level at the Old Dam rises by a metre")

ENTITIES = """\
entities:
  - id: river-commission
    type: organisation
    names: [Danubia River Commission, River Commission of Danubia, Речна комисија]
    short: [Commission]
    context: [dam, river, engineers]
"""
RULES = """\
rules:
  - id: dam-safety
    title: The commission and the dams
    severity: high
    match:
      all: [$river-commission, {any: [dam, "flood wall", брана, бране]}]
      none: [football, goals]
    tests:
      - match: The Danubia River Commission inspected the dam.
      - no_match: Dam United won the river derby.
  - id: strikes
    title: Strikes in transport
    match: headline:strike NOT lightning
    tests:
      - match: {headline: Pilots announce a strike}
      - no_match: {headline: Lightning strike sets a barn on fire}
"""


def demo(config: NoFolder = None) -> None:
    """Show all of it in a few seconds, offline: invented papers, the real daemon, signed webhooks.

    Serves feeds on loopback, runs `monitor run` on a config of its own in a
    temporary folder, receives what it sends and prints why each alert came.
    """
    import queue
    import tempfile

    from monitor.app import now
    from monitor.cli.press import PAPERS

    began = now()
    heard: queue.Queue[Heard] = queue.Queue()
    typer.echo("Three invented papers are published on this machine as RSS, Atom and JSON Feed;")
    typer.echo("two rules watch them; `monitor run` polls, matches and sends signed webhooks.\n")
    with tempfile.TemporaryDirectory(prefix="monitor-demo-") as folder:
        arrived = _show(Path(folder), heard)
        log = (Path(folder) / "log").read_text(encoding="utf-8", errors="replace")
    seconds = (now() - began).total_seconds()
    missing = (EXPECTED | {LATER}) - arrived
    if missing:
        lines = "\n".join(f"  {rule}: {headline}" for rule, headline in sorted(missing))
        tail = "\n".join(log.splitlines()[-30:])
        silence = f"these alerts did not come, and nothing else for {PATIENCE:g} s:"
        fail(f"{silence}\n{lines}\n\nthe daemon's log ends with:\n{tail}", FAILED)
    pieces = sum(len(paper.pieces) for paper in PAPERS) + 1
    typer.echo(
        f"{pieces} articles read, {len(arrived)} alerts sent, every signature verified: {seconds:.1f} s.\n"
        "The last one was published while the daemon ran; the other articles matched no rule.\n\n"
        "next:\n"
        "  monitor init my-config             a config of your own, with real feeds\n"
        "  monitor run --config my-config     watch; alerts come as log lines\n"
        "  monitor listen                     a receiver like the one here, to point a webhook at"
    )


def _show(folder: Path, heard: queue.Queue[Heard]) -> set[tuple[str, str]]:
    """Run the daemon and print what arrives; return the rule and the headline of each alert that was verified."""
    from monitor.app import now
    from monitor.cli.listen import Listener
    from monitor.cli.press import BREAKING, HERALD, Press
    from monitor.delivery.signature import new_secret

    secret = new_secret()
    arrived: set[tuple[str, str]] = set()
    with Press(now) as press, Listener(clock=now, heard=heard.put, secrets=[secret]) as listener:
        _write(folder / "config", press, listener.url, secret)
        with _daemon(folder):
            _until(EXPECTED, heard, arrived)
            if arrived >= EXPECTED:
                press.publish(HERALD, BREAKING)
                typer.echo(f"        {HERALD.name} publishes one more article …\n")
                _until({LATER}, heard, arrived)
    return arrived


def _until(wanted: set[tuple[str, str]], heard: queue.Queue[Heard], arrived: set[tuple[str, str]]) -> None:
    """Print what is *heard* and add it to *arrived* until all of the *wanted* is there or nothing comes any more."""
    import queue

    from rich.console import Console

    from monitor.cli.listen import shown

    console = Console(file=sys.stdout, highlight=False)
    while not wanted <= arrived:
        try:
            each = heard.get(timeout=PATIENCE)
        except queue.Empty:
            return
        console.print(shown(each), soft_wrap=True)
        if each.verdict == "verified" and each.body is not None:
            arrived.add(_told(each.body["data"]))


def _told(data: Any) -> tuple[str, str]:
    return data["alert"]["rule"]["id"], data["article"]["headline"]


def _write(folder: Path, press: Press, receiver: str, secret: str) -> None:
    from monitor.cli.press import PAPERS

    feeds = "".join(
        f'  - {{id: {paper.id}, url: "{press.url(paper.id)}", outlet: "{paper.name}", language: {paper.language}}}\n'
        for paper in PAPERS
    )
    texts = {
        "monitor.yaml": "timezone: UTC\n",
        "feeds.yaml": f"defaults: {{max_lag: 1s, allow_private: true}}\nfeeds:\n{feeds}",
        "channels.yaml": "default: demo\nchannels:\n  demo:\n    type: webhook\n"
        f'    url: "{receiver}"\n    secrets: ["{secret}"]\n    allow_private: true\n',
        "entities/demo.yaml": ENTITIES,
        "rules/demo.yaml": RULES,
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@contextmanager
def _daemon(folder: Path) -> Iterator[None]:
    """Run `monitor run` on *folder*/config while inside, its log in *folder*/log."""
    import subprocess

    from monitor.settings import environment_of_others

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--config", str(folder / "config"), "--no-console"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment_of_others(),
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
