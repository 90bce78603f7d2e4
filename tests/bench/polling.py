"""`make bench-polling`: what a poll costs, beside the package reader and newsboat, on the same feeds in one run.

    python -m tests.bench.polling [clients concurrency scale stalls tables] [--reader PYTHON]

Figures are polls in a second of the client's CPU, its child processes included;
the server is a process apart.  Every kind of poll is measured TURNS times, the
clients in turn, and the best of each counts.  The package reader gets an
environment of its own in a temporary folder, unless --reader names one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.bench import copies, dates, hostile, lag, pages, reading
from tests.bench.clients import Client, Newsboat, monitor, reader
from tests.bench.documents import Feed, feeds, small
from tests.bench.press import Press, press
from tests.bench.table import Table

TURNS = 3
KINDS = ("first", "not modified", "changed, nothing new", "one new item")
OTHERS = ("lag", "copies", "reading", "hostile", "dates", "pages")  # benches that are tables of their own
FEW, MANY = 1_000, 20_000  # feeds
AT_ONCE = (8, 64, 256)

Tell = Callable[[str], None]


def clients(folder: Path, python: Path | None, tell: Tell) -> Table:
    """Return polls a CPU-second of every client that is here, for each kind of poll."""
    published = feeds()
    best: dict[tuple[str, str], float] = {}
    failed: dict[str, float] = {}
    with press(published) as site, ExitStack() as stack:
        here: list[Client] = [stack.enter_context(monitor(folder / "monitor", site.urls))]
        python = python or _environment(folder / "reader-environment", tell)
        if python is not None:
            here.append(stack.enter_context(reader(folder / "reader", site.urls, python)))
        if shutil.which("newsboat"):
            here.append(Newsboat(folder / "newsboat", site.urls))
        for kind in _editions(site):
            for client in here:
                tell(f"{client.name}: {kind}")
                found = client.poll()
                failed[client.name] = found.get("failed", 0)
                rate = len(published) / found["cpu"]
                best[client.name, kind] = max(rate, best.get((client.name, kind), 0))
        ours = here[0].name
        rows = [
            (client.name, *(best[client.name, kind] for kind in KINDS), f"{failed[client.name]:.0f}") for client in here
        ] + [
            (f"{ours} / {other.name}", *(best[ours, kind] / best[other.name, kind] for kind in KINDS), "")
            for other in here[1:]
        ]
    missing = {"reader", "newsboat"} - {client.name for client in here}
    size = sum(len(each.body) for each in published) / 1e6
    note = f"{len(published)} feeds, {size:.1f} MB. This program also matches rules, and syncs each commit to disk."
    note += " newsboat starts anew for each round, which is counted." if "newsboat" not in missing else ""
    note += f" Not here, and left out: {', '.join(sorted(missing))}." if missing else ""
    return Table(title="Polls a CPU-second", header=("client", *KINDS, "feeds it fails on"), rows=rows, note=note)


def _editions(site: Press) -> Iterator[str]:
    """Publish edition after edition, and say what each is to whoever has read the last."""
    yield "first"
    for _ in range(TURNS):
        yield "not modified"
    for turn in range(1, TURNS + 1):
        site.publish(changed=turn)
        yield "changed, nothing new"
    for turn in range(1, TURNS + 1):
        site.publish(changed=TURNS, news=turn)
        yield "one new item"


def _environment(folder: Path, tell: Tell) -> Path | None:
    """Return the Python of a new environment with the package reader; None where it cannot be had."""
    tell("setting up the package reader")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    # sgmllib3k: reader 3.26 needs it, and feedparser 6.0.13 and later do not bring it any more.
    done = subprocess.run(
        (python, "-m", "pip", "install", "--quiet", "reader", "sgmllib3k"), capture_output=True, check=False
    )
    return python if done.returncode == 0 else None


def concurrency(folder: Path, tell: Tell) -> Table:
    """Return conditional GETs a CPU-second by how many are on their way at once."""
    published = [small(n, items=1) for n in range(FEW)]
    rows = []
    with press(published) as site, monitor(folder / "concurrency", site.urls) as client:
        for at_once in AT_ONCE:
            tell(f"{at_once} fetches at once")
            found = [client.ask("fetch", at_once) for _ in range(TURNS)]
            rows.append((at_once, max(len(published) / each["cpu"] for each in found)))
    note = f"{FEW:,} hosts, one feed each; answers of 1 kB; without the database."
    return Table(title="Fetches by how many are under way", header=("at once", "a CPU-second"), rows=rows, note=note)


def scale(folder: Path, tell: Tell) -> Table:
    """Return polls a CPU-second and memory by how many feeds there are."""
    rows = []
    for count in (FEW, MANY):
        published = [small(0, items=1)] * count
        with press(published) as site, monitor(folder / f"scale-{count}", site.urls) as client:
            client.ask("seed")
            tell(f"{count:,} feeds")
            found = [client.poll() for _ in range(TURNS)]
            rows.append((count, max(count / each["cpu"] for each in found), client.resident() / 1e6))
    more = (rows[1][2] - rows[0][2]) / (MANY - FEW) * 10_000
    note = (
        f"The larger costs {rows[1][1] / rows[0][1]:.2f} of the smaller's rate; 10,000 more feeds take {more:.1f} MB."
    )
    return Table(
        title="Polls by the number of feeds", header=("feeds", "polls a CPU-second", "MB"), rows=rows, note=note
    )


def stalls(folder: Path, tell: Tell) -> Table:
    """Return how late the event loop was while large and hostile documents were read."""
    harmless = feeds()
    hostile = [Feed(name=name, content_type="application/rss+xml", body=body) for name, body in _hostile().items()]
    rows = []
    for name, published in (("feeds alone", harmless), ("hostile ones among them", (*harmless, *hostile))):
        with press(published) as site, monitor(folder / name.replace(" ", "-"), site.urls) as client:
            tell(f"stalls: {name}")
            found = client.ask("watch")
            rows.append((name, found["median"] * 1000, found["longest"] * 1000))
    return Table(
        title="Stalls of the event loop",
        header=("a first poll of", "median ms", "longest ms"),
        rows=rows,
        note=f"The daemon polls all of them; {len(hostile)} are hostile: {', '.join(each.name for each in hostile)}.",
    )


def _hostile() -> dict[str, bytes]:
    attributes = " ".join(f'a{n}="{n}"' for n in range(100_000))
    item = "<item><title>t</title><link>https://x.example/%d</link></item>"
    return {
        "100,000 attributes": _channel(f"<item {attributes}/>"),
        "140,000 items": _channel("".join(item % n for n in range(140_000))),
        "200,000 levels": _channel("<a>" * 200_000 + "</a>" * 200_000),
        "9 MB of one text": _channel(f"<item><title>t</title><description>{'word ' * 1_800_000}</description></item>"),
    }


def _channel(inside: str) -> bytes:
    return f"<rss version='2.0'><channel><title>h</title>{inside}</channel></rss>".encode()


def tables(tell: Tell) -> Iterator[Table]:
    """Yield the tables of the other benches."""
    tell("table: lag")
    yield from lag.replay()
    for bench in (copies, reading, hostile, pages, dates):
        tell(f"table: {bench.__name__.rpartition('.')[2]}")
        yield bench.rows()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parts = ("clients", "concurrency", "scale", "stalls", "tables")
    parser.add_argument("part", nargs="*", choices=[*parts, []], help="what to measure; all of it when left out")
    parser.add_argument("--reader", type=Path, help="a Python that can import the package reader")
    given = parser.parse_args()
    wanted = given.part or parts
    with Progress(console=Console(stderr=True), transient=True) as progress, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = progress.add_task("", total=None)

        def tell(what: str) -> None:
            progress.update(task, description=what)

        found: dict[str, Callable[[], Iterator[Table]]] = {
            "clients": lambda: iter([clients(folder, given.reader, tell)]),
            "concurrency": lambda: iter([concurrency(folder, tell)]),
            "scale": lambda: iter([scale(folder, tell)]),
            "stalls": lambda: iter([stalls(folder, tell)]),
            "tables": lambda: tables(tell),
        }
        for part in wanted:
            for table in found[part]():
                sys.stdout.write(f"{table.markdown()}\n\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
