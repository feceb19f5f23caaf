"""Which database an address means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from myelin_gateway.delivery.postgresql import PostgresDatabase
from myelin_gateway.delivery.sqlite import SqliteDatabase
from myelin_gateway.delivery.store import Store


def sqlite_path(url: str, folder: Path) -> Path:
    """Return the file of `sqlite:///relative` (counted from the folder) or `sqlite:////absolute`."""
    return folder / unquote(urlsplit(url).path.removeprefix("/"))


async def open_store(url: str, folder: Path) -> Store:
    """Return the store at an address; it makes its tables where there are none."""
    if url.startswith("sqlite:"):
        path = sqlite_path(url, folder)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        return Store(await SqliteDatabase(path).open())
    return Store(await PostgresDatabase.open(url))
