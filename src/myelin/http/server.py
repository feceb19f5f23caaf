"""Listening: the socket, TLS, and a uvicorn that stops as we want it to.

A stop first wakes those who wait: a long poll would otherwise hold the server for as long as it may wait.
"""

from __future__ import annotations

import logging
import resource
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn

from myelin.http.application import Application
from myelin.http.connection import Connection
from myelin.settings import Listen, Settings, SettingsError

BACKLOG = 4096
KEEP_ALIVE_S = 75
# How long requests under way have when the server stops.
FINISH_S = 5
TICKS_PER_SWEEP = 150

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Serves until `should_exit`; `wake` is called once nobody new is let in."""

    def __init__(self, config: uvicorn.Config, wake: Callable[[], None]) -> None:
        super().__init__(config)
        self._wake = wake

    def stop(self, at_once: bool) -> None:
        """Finish what is under way and return from `serve`; `at_once` without finishing."""
        self.should_exit = True
        self.force_exit = self.force_exit or at_once

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals are the whole program's affair, not only this part's.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        scheme = "https" if self.config.is_ssl else "http"
        for each in sockets or []:
            host, port = each.getsockname()[:2]
            logger.info("listening on %s://%s", scheme, Listen(host, port))

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_PER_SWEEP == 0:
            self._sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logger.info("stopping")
        for each in self.servers:
            each.close()
        # Those who are woken run after every connection has been told to close with its answer.
        self._wake()
        await super().shutdown(sockets)

    def _sweep(self) -> None:
        now_s = time.monotonic()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection) and connection.is_dawdling(now_s):
                connection.transport.close()


def server_of(application: Application, settings: Settings, wake: Callable[[], None]) -> Server:
    """Return the server: bare, and trusting no proxy by itself."""
    tls = tls_of(settings)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=Connection,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=FINISH_S,
        backlog=BACKLOG,
        ssl_context_factory=None if tls is None else lambda config, default: tls,
    )
    return Server(config, wake)


def allow_connections() -> None:
    """Let this process have as many connections as the system allows; the usual start is a thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


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


def bound_socket(listen: Listen) -> socket.socket:
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
        raise SettingsError(f"The setting listen ({listen}) cannot be used: {reason}.") from None
    return bound
