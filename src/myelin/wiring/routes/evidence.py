"""What became of messages: traces and acknowledgements."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.myelin.acknowledgement import AcknowledgementEndpoints
from myelin.api.myelin.trace import Trace
from myelin.audit.trace import Traces
from myelin.http.routes import Route
from myelin.projections.acknowledgements import Acknowledgements
from myelin.wiring.foundation import Foundation


def evidence_routes(built: Foundation) -> Iterator[Route]:
    """Yield traces and acknowledgements."""
    readers = built.readers
    yield from Trace(readers.views, readers.history, Traces(built.reads)).routes()
    acknowledgements = Acknowledgements(built.reads)
    yield from AcknowledgementEndpoints(built.pool, readers.views, readers.history, acknowledgements).routes()
