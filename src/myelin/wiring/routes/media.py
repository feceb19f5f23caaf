"""Files, uploaded and downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.media.download import Download
from myelin.api.media.upload import Upload
from myelin.http.routes import Route
from myelin.media.catalogue import Catalogue
from myelin.media.files import Files
from myelin.wiring.foundation import Foundation


def media_routes(built: Foundation) -> Iterator[Route]:
    """Yield upload and download, on a folder that is ready."""
    settings, random = built.settings, built.random
    files = Files(settings.data_dir / "media", random)
    files.prepare()
    yield from Upload(built.pool, files, settings.server_name, settings.upload_limit_bytes, random).routes()
    yield from Download(Catalogue(built.reads), files, settings.server_name).routes()
