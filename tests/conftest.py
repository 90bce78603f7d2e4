"""What tests of every room share."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.logged import log

__all__ = ["log"]

# A loaded machine takes its time over an example; what is promised here are values, not milliseconds.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A shell without job control starts what is behind it with Ctrl-C ignored, and what tests start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CORPUS = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real documents, which their publishers own and which therefore lies beside the checkout."""
    if not CORPUS.is_dir():
        pytest.skip(f"no real documents at {CORPUS}: they stand beside the checkout, not in it")
    return CORPUS
