from tests.databases import database_url, postgres, postgres_template, ready_url, sqlite_template, store

__all__ = ["database_url", "postgres", "postgres_template", "ready_url", "sqlite_template", "store"]
