"""What the server writes about itself: one line an event, on stderr, and nothing about persons.

The text of an exception may quote what somebody sent, and a database's error quotes whole rows. So of an exception
only its kind and its way through the code are written, unless somebody looks for a fault at level `debug`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
SHOWN_FRAMES = 12

logger = logging.getLogger(__name__)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Writes an exception as its kind and where it went through, without its text; every record is one line."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", " ")

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 (logging's own name)
        error = ei[1]
        return "" if error is None else " caused ".join(way(each) for each in reversed(chain(error)))


def configure_logging(level: str) -> None:
    """Write to stderr from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(LINE) if level == "debug" else Discreet(LINE))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Their news is ours to tell, and theirs quotes what clients sent.
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def note_unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what no task took notice of: the loop's own words would quote it."""
    error = context.get("exception")
    logger.error("unhandled error=%s", type(error).__name__, exc_info=error)


def chain(error: BaseException) -> list[BaseException]:
    """Return an exception and those that led to it, the last first."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return found


def way(error: BaseException) -> str:
    """Return an exception's kind and the functions it went through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-SHOWN_FRAMES:]
    steps = (f"{Path(frame.filename).stem}:{frame.lineno}:{frame.name}" for frame in frames)
    inner = f" [{'; '.join(map(way, error.exceptions))}]" if isinstance(error, BaseExceptionGroup) else ""
    return f"{type(error).__module__}.{type(error).__qualname__} at {' > '.join(steps)}{inner}"
