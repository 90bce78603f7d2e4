"""What documents that mean harm cost their reader, and how long the event loop stands still meanwhile."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.feeds.pool import Pool
from monitor.model import Document
from tests.bench.table import Table
from tests.conftest import CORPUS

TICK = 0.005  # seconds between two looks at the loop
SHOWN = 8  # the costliest documents


def bombs() -> dict[str, bytes]:
    """Return a document of each kind that is known to hurt a parser, 10 MB at most."""
    written = {
        "100,000 attributes": _rss("<item " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>"),
        "200,000 items": _rss("<item><title>x</title></item>" * 200_000),
        "190,000 elements": _rss("<item><title>x</title>" + "<a/>" * 190_000 + "</item>"),
        "200,000 deep": _rss("<a>" * 200_000 + "</a>" * 200_000),
        "9 MB of ampersands": _rss("<title>" + "&" * 9_000_000 + "</title>"),
        "2 MB of ampersands": _rss("<title>" + "&" * 2_000_000 + "</title>"),
        "9 MB in one text": _rss(f"<item><title>{'word ' * 1_800_000}</title></item>"),
        "9 MB of markup": _rss(f"<item><description><![CDATA[{'<p>word</p>' * 800_000}]]></description></item>"),
        "9 MB of markup, broken": _rss(f"<item><description>{'<p>word<br>' * 450_000}</description></item>"),
        "a tag without end": _rss("<item><title " + "x" * 9_000_000),
        "laughing entities": f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]>" + _rss("<item><title>&l9;</title></item>"),
        "2,000 full items": _rss("".join(f"<item><guid>{n}</guid><title>{LINE}</title></item>" for n in range(2000))),
        "9 MB of JSON": json.dumps({"items": [{"id": n, "content_html": "<p>x</p>" * 50} for n in range(20_000)]}),
        "JSON lists in lists": "[" * 9_000_000,
        "a sitemap of 50,000": "<urlset>" + "<url><loc>https://n.example/some/page</loc></url>" * 50_000 + "</urlset>",
    }
    packed = {"gzip: 1 MB becomes 1 GB": gzip.compress(b"<rss>") + gzip.compress(b" " * 10**7) * 100}
    return {what: text.encode() for what, text in written.items()} | packed


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


LINE = "word " * 800


def _rss(inside: str) -> str:
    return f"<rss version='2.0'><channel><title>W</title>{inside}</channel></rss>"


def documents() -> Iterator[tuple[str, bytes]]:
    """Yield the bombs and, where they lie beside the checkout, all malformed documents."""
    yield from bombs().items()
    folder = CORPUS / "malformed"
    if folder.is_dir():
        yield from ((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))


def cost(body: bytes) -> tuple[float, float, str]:
    """Return CPU seconds and the most memory in MB that *body* took this process, which is a new one, and the end."""
    began = time.process_time()
    try:
        end = f"{len(parse(Document(url='https://a.example/', body=body)).entries):,} entries"
    except ParseError as error:
        end = str(error)
    return time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, end


def rows() -> Table:
    """Return the costliest of all hostile and malformed documents, each read in a process of its own."""
    hostile = tuple(documents())
    found = asyncio.run(_costs(hostile))
    stall = asyncio.run(_stall([body for _, body in hostile]))
    found.sort(key=lambda row: row[1] / 10 + row[2] / 200, reverse=True)
    return Table(
        title="Documents that mean harm",
        header=("document", "CPU seconds", "most MB", "end"),
        rows=found[:SHOWN],
        note=f"The costliest of {len(found)}; meanwhile the event loop stood still for {stall * 1000:.0f} ms at most.",
    )


async def _costs(hostile: Sequence[tuple[str, bytes]]) -> list[tuple[str, float, float, str]]:
    found = []
    for name, body in hostile:
        async with Pool() as pool:
            try:
                found.append((name, *await pool.run(cost, body, limit=60)))
            except ParseError as error:
                found.append((name, 60.0, 0.0, str(error)))
    return found


async def _stall(hostile: Sequence[bytes]) -> float:
    """Return for how many seconds at most the loop stood still while a pool, started before, read all of *hostile*."""
    async with Pool(workers=2) as pool:
        await pool.run(abs, -1)
        watching = asyncio.create_task(_longest_stall())
        for body in hostile:
            with suppress(ParseError):
                await pool.run(cost, body)
        watching.cancel()
        return await watching


async def _longest_stall() -> float:
    longest = 0.0
    loop = asyncio.get_running_loop()
    try:
        while True:
            asked = loop.time()
            await asyncio.sleep(TICK)
            longest = max(longest, loop.time() - asked - TICK)
    except asyncio.CancelledError:
        return longest


if __name__ == "__main__":
    sys.stdout.write(rows().markdown() + "\n")
