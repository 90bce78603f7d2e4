"""The memory: SQLAlchemy lives here and nowhere else."""

from monitor.store.schema import expect_current, upgrade
from monitor.store.store import Store, Tx

__all__ = ["Store", "Tx", "expect_current", "upgrade"]
