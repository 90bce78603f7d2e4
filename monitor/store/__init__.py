"""The memory: SQLAlchemy lives here and nowhere else."""

from monitor.store.store import Store, Tx
from monitor.store.upgrade import expect_current, upgrade

__all__ = ["Store", "Tx", "expect_current", "upgrade"]
