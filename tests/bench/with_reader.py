"""The package reader as a client; runs in an environment of its own, and knows nothing of this program."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reader import make_reader  # PyPI; it lives in an environment of its own

AT_ONCE = 10  # threads that fetch; what its documentation suggests


def main(folder: str, urls: str) -> None:
    reader = make_reader(f"{folder}/reader.sqlite")
    for url in Path(urls).read_text().split():
        reader.add_feed(url)
    for line in sys.stdin:
        answer: dict[str, int] = {}
        if line.strip() == "poll":
            found = list(reader.update_feeds_iter(scheduled=False, workers=AT_ONCE))
            failed = sum(isinstance(each.value, Exception) for each in found)
            answer = {
                "polls": len(found),
                "failed": failed,
                "new": sum(each.updated_feed.new for each in found if each.updated_feed),
            }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
