"""A feed that has moved for good → feeds.yaml with its new address, or what to write there by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.app import Config
from monitor.daemon.files import put, source
from monitor.errors import ConfigError
from monitor.feeds import edit
from monitor.model import Feed
from monitor.settings import load

FILE = "feeds.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of an address: written into the file, or why it was not."""

    refused: str | None = None


def follow(config: Config, feed: Feed, to: str) -> Followed | None:
    """Make *to* the address of *feed* in feeds.yaml; None while somebody else is editing that file.

    Every other byte of it stays, and what is written loads as the same feeds
    but for this address.  The reload takes it up like any other edit.
    """
    settings = config.settings
    path = settings.folder / FILE
    try:
        text = source(path)
        if text != settings.files.get(FILE):
            return None
        moved = edit.moved(text, feed.id, to)
        if load(settings.folder, {**settings.files, FILE: moved}).feeds != {
            **settings.feeds,
            feed.id: replace(feed, url=to),
        }:
            return Followed(refused="its address is not written there plainly")
        put(path, moved)
    except (ConfigError, ValueError) as error:
        return Followed(refused=str(error))
    except OSError as error:
        return Followed(refused=f"{error.strerror or error}")
    return Followed()
