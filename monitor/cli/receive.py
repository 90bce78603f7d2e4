"""`monitor listen`: what an integrator starts first."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor.cli.options import AsJson, NoFolder


def listen(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8601,
    secret: Annotated[
        str | None, typer.Option("--secret", metavar="WHSEC", help="The channel's secret; nothing is verified without.")
    ] = None,
    config: NoFolder = None,
    json: AsJson = False,
) -> None:
    """Receive webhooks on loopback, verify their signatures and print them.  Needs no config.

    With --json, one line of JSON for each message.
    """
    from rich.console import Console

    from monitor.app import now
    from monitor.cli.listen import serve

    serve(port=port, secret=secret, console=Console(file=sys.stdout, highlight=False), as_json=json, clock=now)
