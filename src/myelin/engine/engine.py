"""Starting, sharing, watching and stopping the embedded database, as whoever uses it sees it.

Several processes may use one database: servers, and a command beside them. Each holds a mark (`locks.Use`), and the
last to leave stops it. Only a command that found it running with nobody using it, left behind by a killed server
that will come back, leaves it running.
"""

import asyncio
import logging
import os
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from urllib.parse import quote

import asyncpg

from myelin.engine.account import Account, choose_account
from myelin.engine.binaries import find_binaries
from myelin.engine.cluster import SUPERUSER, configure, make_cluster
from myelin.engine.errors import EngineError
from myelin.engine.layout import PORT, Layout, let_through, make_home
from myelin.engine.locks import Use, turn
from myelin.engine.postmaster import Postmaster, find_postmaster, start_postmaster, stop_postmaster, wait_until_ready

logger = logging.getLogger(__name__)

DATABASE = "myelin"
CREATE_DATABASE = Path(__file__).with_name("create_database.sql")
CONNECT_TIMEOUT_S = 30.0
BURY_TIMEOUT_S = 10.0
START_ATTEMPTS = 3
DYING_TIMEOUT_S = 1.0
RETRY_S = (0.1, 1.0, 5.0, 15.0)


class Engine:
    """The embedded PostgreSQL of one `data_dir`, for as long as this process uses it.

    `serving` is false for a command of short life. `durable=False` is for tests alone: a crash may lose everything.
    """

    def __init__(self, data_dir: Path, *, serving: bool = True, durable: bool = True) -> None:
        self._layout = Layout(data_dir.resolve())
        self._serving = serving
        self._durable = durable
        self._use: Use | None = None
        self._postmaster: Postmaster | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._leave_running = False
        self._password = ""

    async def start(self) -> str:
        """The address of the database for asyncpg, with its password (never log it); the database answers already.

        Raises EngineError; call `stop` after that too.
        """
        for _ in range(START_ATTEMPTS - 1):
            try:
                return await self._start_once()
            except EngineError:
                # What was joined may have been dying: then there is soon none, and we start our own.
                if self._postmaster is None or not await _ends_soon(self._postmaster):
                    raise
        return await self._start_once()

    async def _start_once(self) -> str:
        await _uninterrupted(self._open)
        address = self._address(DATABASE)
        await _make_sure_of_database(address, self._address("postgres"))
        return address

    async def stop(self) -> None:
        """Stops the database if we are the last to use it; every session in it ends, what is committed stays."""
        await _uninterrupted(self._close)

    async def supervise(self, on_restart: Callable[[], Awaitable[None]]) -> None:
        """Starts the database again whenever it dies, then calls `on_restart`; endless: cancel it before `stop`."""
        while True:
            assert self._postmaster is not None, "supervise() comes after start()"
            await _until_end(self._postmaster)
            logger.error("The embedded database ended by itself; it is started again.")
            await self._restart()
            await on_restart()

    async def _restart(self) -> None:
        attempt = 0
        while True:
            try:
                return await _uninterrupted(self._open)
            except EngineError as error:
                delay_s = RETRY_S[min(attempt, len(RETRY_S) - 1)]
                logger.error("The embedded database is still down, the next attempt is in %s s: %s", delay_s, error)
            await asyncio.sleep(delay_s)
            attempt += 1

    def _open(self) -> None:
        """Joins the database that runs, or starts it; takes a mark as its user."""
        try:
            make_home(self._layout)
            with turn(self._layout.home):
                if self._use is None:
                    self._use = Use(self._layout.home)
                account = choose_account(self._layout.cluster)
                if not self._join(account):
                    self._launch(account)
                self._password = self._layout.password.read_text()
        except PermissionError as error:
            what = error.filename or "another account"
            raise EngineError(f"Myelin's account may not use {what}: chown it, or set data_dir.") from error
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"The database in {self._layout.home} cannot be started: {error}") from error

    def _join(self, account: Account) -> bool:
        self._postmaster = wait_until_ready(self._layout.cluster, account)
        assert self._use is not None
        self._leave_running = self._postmaster is not None and self._use.first and not self._serving
        return self._postmaster is not None

    def _launch(self, account: Account) -> None:
        self._bury()
        let_through(self._layout, account)
        binaries = find_binaries(account, self._layout.engine)
        make_cluster(self._layout, binaries, account, durable=self._durable)
        configure(self._layout, account, durable=self._durable)
        self._postmaster, self._child = start_postmaster(self._layout, binaries, account)

    def _close(self) -> None:
        if self._use is None:
            return
        with turn(self._layout.home):
            last = self._use.end()
            self._use = None
            if last and not self._leave_running:
                self._stop_running()

    def _stop_running(self) -> None:
        account = choose_account(self._layout.cluster)
        running = find_postmaster(self._layout.cluster, account)
        if running is not None:
            stop_postmaster(running)
            _remove_fallback(running.socket_folder, self._layout)
        self._bury()

    def _bury(self) -> None:
        # No postmaster runs now, so one that was our child has ended; the system keeps its number until we ask.
        if self._child is not None:
            self._child.wait(timeout=BURY_TIMEOUT_S)
            self._child = None

    def _address(self, database: str) -> str:
        assert self._postmaster is not None
        folder = quote(str(self._postmaster.socket_folder), safe="")
        return f"postgresql://{SUPERUSER}:{self._password}@/{database}?host={folder}&port={PORT}"


def _remove_fallback(sockets: Path, layout: Layout) -> None:
    if not sockets.is_relative_to(layout.home):
        with suppress(OSError):
            sockets.rmdir()


async def _uninterrupted(call: Callable[[], None]) -> None:
    """Runs a call in a thread; when cancelled, first waits for its end, so that `stop` knows what there is."""
    running = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        running.exception()  # taken note of: who cancels does not ask how it went
        raise


async def _make_sure_of_database(address: str, maintenance: str) -> None:
    """Connects once, so that a database which would not let us in stops the start; makes it at the first start."""
    try:
        connection = await _connect(address)
    except asyncpg.InvalidCatalogNameError:
        connection = await _connect(maintenance)
        # Two processes may come here at once; the slower one finds it made.
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await connection.execute(CREATE_DATABASE.read_text())
    await connection.close()


async def _connect(address: str) -> "asyncpg.Connection[asyncpg.Record]":
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while True:
        try:
            return await asyncpg.connect(address, timeout=CONNECT_TIMEOUT_S)
        except asyncpg.InvalidCatalogNameError:
            raise
        except (asyncpg.PostgresError, OSError) as error:
            # A postmaster that lost a child restarts the others, and says meanwhile that it cannot connect now.
            if not isinstance(error, asyncpg.CannotConnectNowError) or time.monotonic() > deadline:
                raise EngineError(f"The embedded database runs but lets nobody in: {error}") from error
        await asyncio.sleep(RETRY_S[0])


async def _until_end(postmaster: Postmaster) -> None:
    """Waits without polling: the kernel tells when the process is gone, whoever its parent is."""
    try:
        descriptor = os.pidfd_open(postmaster.pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        loop.add_reader(descriptor, ended.set)
        # The number may have been given to another process before it was opened; after that it cannot.
        if postmaster.alive():
            await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _ends_soon(postmaster: Postmaster) -> bool:
    try:
        async with asyncio.timeout(DYING_TIMEOUT_S):
            await _until_end(postmaster)
    except TimeoutError:
        return False
    return True


async def _nothing() -> None:
    """Connections are opened anew by who needs them."""


@asynccontextmanager
async def embedded_engine(
    data_dir: Path,
    *,
    serving: bool = True,
    durable: bool = True,
    on_restart: Callable[[], Awaitable[None]] = _nothing,
) -> AsyncIterator[str]:
    """The address of the embedded database while the block runs; stopped after it as `Engine.stop` says.

    Who serves supervises too: a database that dies meanwhile is started again, and `on_restart` is called.
    """
    engine = Engine(data_dir, serving=serving, durable=durable)
    try:
        url = await engine.start()
        async with _supervision(engine, on_restart) if serving else nullcontext():
            yield url
    finally:
        await engine.stop()


@asynccontextmanager
async def _supervision(engine: Engine, on_restart: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    # No task group: it would wrap what the block raises, and the start's caller wants the error itself.
    watch = asyncio.create_task(engine.supervise(on_restart))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
