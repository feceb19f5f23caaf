"""What encrypts the connections, and where people find the root certificate if it is the hospital's own."""

from __future__ import annotations

import ssl
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socket import socket

import msgspec

from myelin.api.myelin.root_certificate import RootCertificate
from myelin.http.application import Application, Edge
from myelin.http.routes import Route, Routes
from myelin.http.server import bound_socket, server_of, tls_of
from myelin.settings import Settings
from myelin.tls.own import OwnTls


class Encrypted(msgspec.Struct, frozen=True):
    """`own` where the server makes its certificate itself; `plain` where the root is given out without encryption."""

    settings: Settings
    context: ssl.SSLContext | None
    own: OwnTls | None = None
    plain: socket | None = None

    def page(self) -> RootCertificate | None:
        return RootCertificate(self.own.root, self.settings.public_url) if self.own is not None else None

    def routes(self) -> Iterator[Route]:
        """Yield where the root certificate is found, if there is one."""
        page = self.page()
        if page is not None:
            yield from page.routes()

    def endless(self, edge: Edge) -> Iterator[Coroutine[None, None, None]]:
        """Yield what runs for as long as the server does."""
        page = self.page()
        if self.own is not None:
            yield self.own.run()
        if page is not None and self.plain is not None:
            application = Application(Routes((*page.front_routes(), *page.routes())), edge)
            yield server_of(application, None, nobody_waits).serve([self.plain])


@contextmanager
def encryption(settings: Settings) -> Iterator[Encrypted]:
    """Open what the settings say; SettingsError where it cannot be used."""
    if settings.tls != "own":
        yield Encrypted(settings, tls_of(settings))
        return
    own = OwnTls(settings, lambda: datetime.now(UTC))
    if settings.ca_listen is None:
        yield Encrypted(settings, own.context, own)
        return
    with bound_socket(settings.ca_listen, "ca_listen") as plain:
        yield Encrypted(settings, own.context, own, plain)


def nobody_waits() -> None:
    """Nothing is waited for here."""
