"""Files, uploaded and downloaded, and the thumbnails of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator

from myelin.api.media.arrivals import Arrivals
from myelin.api.media.download import Download
from myelin.api.media.thumbnail import ThumbnailOf
from myelin.api.media.upload import Upload
from myelin.http.routes import Route
from myelin.media.allowances import Allowances
from myelin.media.catalogue import Catalogue
from myelin.media.files import Files
from myelin.media.thumbnails import Thumbnails
from myelin.media.workers import Workers
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation

# What thumbnails may take on disk; they are made again when somebody asks.
THUMBNAILS_LIMIT_BYTES = 2 * 1024**3
WORKERS_LIMIT = 4


def media_routes(built: Foundation) -> Iterator[Route]:
    """Yield upload, download and thumbnails, on folders that are ready."""
    settings, random = built.settings, built.random
    files = Files(settings.data_dir / "media", random)
    files.prepare()
    workers = Workers(min(WORKERS_LIMIT, max(1, (os.cpu_count() or 1) // 2)))
    thumbnails = Thumbnails(settings.data_dir / "thumbnails", files, workers, random, THUMBNAILS_LIMIT_BYTES)
    thumbnails.prepare()
    catalogue = Catalogue(built.reads)
    arrivals = Arrivals(catalogue, settings.server_name, clock_ms)
    built.followers.add(arrivals.published)
    allowances = Allowances(settings.upload_limit_bytes, settings.media_quota_bytes)
    upload = Upload(built.pool, built.loading, files, catalogue, allowances, settings.server_name, random)
    yield from upload.routes()
    yield from Download(arrivals, files).routes()
    yield from ThumbnailOf(arrivals, thumbnails).routes()
