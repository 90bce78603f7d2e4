"""`monitor check`: does everything load, and do the rules keep what their tests promise?"""

from __future__ import annotations

import typer

from monitor.cli import show
from monitor.cli.exits import FAILED, fail
from monitor.cli.opened import config_in, located, warn
from monitor.cli.options import Folder
from monitor.errors import RuleTestsFailed


def check(config: Folder = None) -> None:
    """Load everything, run the rules' tests, warn of what is odd.  Never touches the network or the database."""
    try:
        with show.spinner("Loading and testing"):
            loaded = config_in(config)
    except RuleTestsFailed as error:
        fail(f"{show.mistakes(error.mistakes)}\n{show.plural(len(error.mistakes), 'test')} failed", FAILED)
    warn(located(loaded.settings.folder, loaded.warnings))
    rules = loaded.rules.rules
    tests = sum(len(rule.tests) for rule in rules)
    typer.echo(
        f"{show.plural(len(loaded.settings.feeds), 'feed')}, "
        f"{show.plural(len(loaded.rules.entities), 'entity', 'entities')}, {show.plural(len(rules), 'rule')}, "
        f"{show.plural(tests, 'test')} passed"
    )
