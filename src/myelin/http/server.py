"""Listening: the sockets, TLS, the clock of the connections, and a stop that leaves nobody without an answer.

A stop first wakes those who wait: a long poll would otherwise hold the server for as long as it may wait.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.utils import formatdate

from myelin.http.application import Application
from myelin.http.connection import Connection
from myelin.http.connections import TICK_S, Connections
from myelin.settings import Listen, Settings, SettingsError

BACKLOG = 4096
TLS_HANDSHAKE_S = 30
TLS_SHUTDOWN_S = 3
# How long requests under way have when the server stops; how long the cancelled ones have to let go.
FINISH_S = 5
LET_GO_S = 1
# Open files that are no client's: the database's connections, files being sent, the log.
OTHER_FILES = 128

logger = logging.getLogger(__name__)


class Server:
    """Serves until it is stopped; `wake` is called once nobody new is let in."""

    def __init__(self, connections: Connections, tls: ssl.SSLContext | None, wake: Callable[[], None]) -> None:
        self._connections = connections
        self._tls = tls
        self._wake = wake
        self._stopped = asyncio.Event()

    def stop(self, at_once: bool) -> None:
        """Finish what is under way and return from `serve`; `at_once` without finishing."""
        self._stopped.set()
        if at_once:
            self._connections.gone.set()

    async def serve(self, sockets: Sequence[socket.socket]) -> None:
        """Answer what comes in by these sockets until `stop`."""
        self._set_date()
        listening = [await self._listen(each) for each in sockets]
        await self._keep_time()
        logger.info("stopping")
        for each in listening:
            each.close()
        self._connections.end()
        # Those who are woken run after every connection has been told to close with its answer.
        self._wake()
        await self._finish()

    async def _listen(self, bound: socket.socket) -> asyncio.Server:
        encrypts = self._tls is not None
        listening = await asyncio.get_running_loop().create_server(
            lambda: Connection(self._connections),
            sock=bound,
            ssl=self._tls,
            backlog=BACKLOG,
            ssl_handshake_timeout=TLS_HANDSHAKE_S if encrypts else None,
            ssl_shutdown_timeout=TLS_SHUTDOWN_S if encrypts else None,
        )
        host, port = bound.getsockname()[:2]
        logger.info("listening on %s://%s", "https" if encrypts else "http", Listen(host, port))
        return listening

    async def _keep_time(self) -> None:
        """Every second the date, now and then a look at each connection, until the server is stopped."""
        seconds = 0
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 1)
            self._set_date()
            seconds += 1
            if seconds % TICK_S == 0:
                self._connections.tick()

    def _set_date(self) -> None:
        self._connections.date_line = f"date: {formatdate(time.time(), usegmt=True)}\r\n".encode()

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connections.gone.wait(), FINISH_S)
        unfinished = self._connections.abort()
        if unfinished:
            logger.warning("cut off %d requests that did not end in time", len(unfinished))
            await asyncio.wait(unfinished, timeout=LET_GO_S)


def server_of(application: Application, tls: ssl.SSLContext | None, wake: Callable[[], None]) -> Server:
    """Return the server."""
    return Server(Connections(application.respond, connection_limit()), tls, wake)


def allow_connections() -> None:
    """Let this process have as many connections as the system allows; the usual start is a thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def connection_limit() -> int:
    """Return how many clients fit into the files that this process may open."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(most - OTHER_FILES, most // 2)


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return what encrypts the connections, None where a proxy does or nobody; SettingsError for useless files."""
    if settings.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ValueError):
        raise SettingsError(
            "The files that tls_cert and tls_key name cannot be used: they must be readable, "
            "in PEM, without a password, and belong together."
        ) from None
    return context


def bound_socket(listen: Listen, setting: str = "listen") -> socket.socket:
    """Return a socket with the address that the site chose; SettingsError where it cannot be had."""
    try:
        found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError as fault:
        reason = fault.strerror or "it is not an address of this machine"
        raise SettingsError(f"The setting {setting} ({listen}) cannot be used: {reason}.") from None
    return bound
