"""Pushers, notifications, and the key for browsers."""

from __future__ import annotations

from collections.abc import Iterator

from myelin.api.myelin.web_push import WebPushKey
from myelin.api.push.notifications import NotificationsEndpoint
from myelin.api.push.pushers import PusherEndpoints
from myelin.http.routes import Route
from myelin.wiring.foundation import Foundation


def push_routes(built: Foundation) -> Iterator[Route]:
    """Yield pushers, notifications, and the key for browsers."""
    push = built.push
    yield from PusherEndpoints(built.pool, push.pushers, push.destinations).routes()
    yield from NotificationsEndpoint(push.pages).routes()
    yield from WebPushKey(push.vapid, push.destinations).routes()
