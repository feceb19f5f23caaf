"""Everything of the gateway, built and started in the order in which it may be used."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from myelin_gateway.channels.mllp import Notice, listening
from myelin_gateway.channels.mllp_settings import listeners
from myelin_gateway.delivery import Sorted, Store, StoreUnavailable, Unsorted, open_store
from myelin_gateway.hl7v2 import Stamp
from myelin_gateway.main import line
from myelin_gateway.main.intake import Intake
from myelin_gateway.main.line import Reading
from myelin_gateway.main.maps import maps_in
from myelin_gateway.main.sending import Sending
from myelin_gateway.main.settings import Settings
from myelin_gateway.main.sorting import Sorting
from myelin_gateway.matrix import Account, Courier, Homeserver, MatrixFailure, Refused

AGAIN_S = 2.0
LONGEST_S = 15.0
LOOK_AGAIN_MS = 60_000

OpenStore = Callable[[str, Path], Awaitable[Store]]

logger = logging.getLogger(__name__)


async def serve(
    settings: Settings,
    folder: Path,
    stopped: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    open_store: OpenStore = open_store,
) -> None:
    """Run the gateway until it is told to stop; paths count from the folder.

    It listens and keeps before the homeserver has answered for the first time, and while it is away.
    """
    store = await open_store(settings.store.url, folder)
    try:
        async with courier(settings, folder, store) as (carrier, account):
            await run(settings, folder, stopped, ready, store, carrier, account)
    finally:
        await store.close()


async def run(
    settings: Settings,
    folder: Path,
    stopped: asyncio.Event,
    ready: Callable[[], None],
    store: Store,
    carrier: Courier,
    account: Account,
) -> None:
    lanes = (Sending("critical", store, carrier, clock_ms), Sending("routine", store, carrier, clock_ms))
    arrived = asyncio.Event()

    def due() -> None:
        for lane in lanes:
            lane.due.set()

    sorting = Sorting(store, sorter(settings, folder), clock_ms, arrived, due)
    intake = Intake(store, clock_ms, new_stamp, arrived)
    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
        working = [tasks.create_task(sorting.work())]
        working.append(tasks.create_task(speak(account, carrier, store, lanes, due)))
        for listener in listeners(settings.partners, folder):
            await stack.enter_async_context(listening(listener, intake.receive, new_stamp, notice))
        ready()
        await stopped.wait()
        # First nothing new comes in, and what is being kept is answered; then the workers end where they are: what
        # they were at is done again at the next start.
        await stack.aclose()
        for task in working:
            task.cancel()


@asynccontextmanager
async def courier(settings: Settings, folder: Path, store: Store) -> AsyncIterator[tuple[Courier, Account]]:
    chosen = settings.homeserver
    homeserver = Homeserver(chosen.url, folder / chosen.ca_file if chosen.ca_file else None, chosen.proxy or None)
    password = partial(read_password, folder / chosen.password_file)
    account = Account(homeserver, chosen.user, folder / chosen.keys_folder, password)
    try:
        yield Courier(homeserver, account, store, clock_ms, new_id), account
    finally:
        account.close()
        await homeserver.close()


async def speak(
    account: Account, carrier: Courier, store: Store, lanes: tuple[Sending, ...], due: Callable[[], None]
) -> None:
    """Be signed in; send, and hear of devices, for as long as the sign-in holds; then sign in again."""
    while True:
        await patiently(account.arrive)
        # A sync before the first card: from here on nobody's devices change without our knowledge.
        await patiently(carrier.listen)
        await patiently(lambda: store.retry_without_device(clock_ms()))
        async with asyncio.TaskGroup() as tasks:
            sending = [tasks.create_task(lane.work()) for lane in lanes]
            await listen(carrier, store, due)
            for task in sending:
                task.cancel()


async def listen(carrier: Courier, store: Store, due: Callable[[], None]) -> None:
    """Hear of people's devices until the homeserver no longer knows us."""
    looked_at = clock_ms()
    while True:
        if clock_ms() - looked_at > LOOK_AGAIN_MS:
            # A device may have appeared between the look at somebody's devices and the note that there are none.
            await patiently(lambda: store.retry_without_device(clock_ms()))
            looked_at = clock_ms()
        try:
            changed = await carrier.listen()
        except Refused as refused:
            if refused.status == 401:
                return
            logger.warning("a sync was refused: %s", refused)
            await asyncio.sleep(AGAIN_S)
        except MatrixFailure:
            await asyncio.sleep(AGAIN_S)
        else:
            for user_id in changed:
                await patiently(partial(store.device_appeared, user_id, clock_ms()))
            if changed:
                due()


async def patiently(deed: Callable[[], Awaitable[object]]) -> None:
    """Do something as soon as the homeserver and the store let us."""
    pause_s = AGAIN_S
    while True:
        try:
            await deed()
        except (MatrixFailure, StoreUnavailable, OSError) as failure:
            logger.warning("trying again: %s", failure)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_S)
        else:
            return


def sorter(settings: Settings, folder: Path) -> Callable[[Unsorted], Sorted]:
    readings = {
        each.name: Reading(each.charset, maps_in(folder / each.maps if each.maps else None).maps, each.fallback_role)
        for each in settings.partners
    }

    def sort(each: Unsorted) -> Sorted:
        return line.sort(each, readings[each.partner])

    return sort


def notice(partner: str, what: Notice) -> None:
    logger.warning("MLLP: %s %s", partner, what)


def read_password(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def new_id() -> str:
    return uuid4().hex


def new_stamp() -> Stamp:
    return Stamp(uuid4().hex[:18], datetime.now(UTC).astimezone().strftime("%Y%m%d%H%M%S%z"))


def clock_ms() -> int:
    return time.time_ns() // 1_000_000
