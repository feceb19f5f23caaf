"""`myelin log …`: the log checked from outside, and its projections made anew."""

from __future__ import annotations

import argparse
import asyncio

from myelin.audit.check import check
from myelin.audit.rebuild import rebuild
from myelin.main import database
from myelin.settings import Settings


def check_log(settings: Settings, _options: argparse.Namespace) -> int:
    """Verify the whole log; print a line for each fault, or its size and root."""

    async def whole() -> int:
        async with database(settings, serving=False) as url:
            return await check(url, print)

    return asyncio.run(whole())


def rebuild_log(settings: Settings, options: argparse.Namespace) -> int:
    """Make the projections anew, or compare them only; print what they differed in."""

    async def anew() -> int:
        async with database(settings, serving=False) as url:
            return await rebuild(url, print, options.compare)

    return asyncio.run(anew())
