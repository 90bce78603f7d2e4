"""The memory: SQLAlchemy lives here and nowhere else."""

from monitor.store.store import Store, Tx
from monitor.store.schema import expect_current, upgrade

__all__ = ["Store", "Tx", "expect_current", "upgrade"]
