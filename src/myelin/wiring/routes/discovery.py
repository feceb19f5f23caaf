"""What is asked before anybody signs in, and where calls find their relay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from myelin.api.discovery.front_page import FrontPage
from myelin.api.discovery.server_keys import ServerKeys
from myelin.api.discovery.versions import versions_routes
from myelin.api.discovery.web_client import WebClient, client_files
from myelin.api.discovery.well_known import WellKnown
from myelin.api.voip.turn_server import Relay, TurnServer
from myelin.http.routes import Route
from myelin.settings import Settings
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation

# What the build of the web client leaves inside the package; empty where there was no Node.js to build it.
WEB_CLIENT = Path(__file__).parents[2] / "web_client"


def discovery_routes(built: Foundation) -> Iterator[Route]:
    """Yield the front page, versions, well-known places, the server's keys and the relay."""
    settings = built.settings
    client = list(client_files(WEB_CLIENT))
    yield from FrontPage(is_replaced=bool(client)).routes()
    yield from WebClient(client).routes()
    yield from versions_routes()
    yield from WellKnown(settings.public_url).routes()
    yield from ServerKeys(settings.server_name, built.key, clock_ms).routes()
    yield from TurnServer(relay_of(settings), clock_ms).routes()


def relay_of(settings: Settings) -> Relay | None:
    """Return the relay for calls, None where the site has none."""
    if not settings.turn_uris or settings.turn_secret is None:
        return None
    return Relay(settings.turn_uris, settings.turn_secret, settings.turn_ttl_seconds)
