"""GET /_matrix/client/v3/sync (client-server API, "Syncing")."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from myelin.api.callers import viewer_of
from myelin.append.collector import Collector
from myelin.append.loading import Loading
from myelin.entries.items import Delivery
from myelin.http.messages import Request, Response
from myelin.http.routes import Route
from myelin.matrix.errors import InvalidParam
from myelin.sync.deliveries import Deliveries
from myelin.sync.known_filters import KnownFilters
from myelin.sync.reading import SyncRequest
from myelin.sync.rendering import Viewer
from myelin.sync.sync import Sync
from myelin.sync.to_device import ToDevice
from myelin.sync.token import SyncToken


class SyncEndpoint:
    """Answers `/sync`, and takes note of what a device has received by coming back."""

    def __init__(
        self,
        sync: Sync,
        loading: Loading,
        deliveries: Deliveries,
        collector: Collector[Delivery],
        to_device: ToDevice,
        filters: KnownFilters,
        clock_ms: Callable[[], int],
    ) -> None:
        self._sync = sync
        self._loading = loading
        self._deliveries = deliveries
        self._collector = collector
        self._to_device = to_device
        self._filters = filters
        self._clock_ms = clock_ms

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_matrix/client/v3/sync", self.get)

    async def get(self, request: Request) -> Response:
        viewer = viewer_of(request)
        query = request.query
        since = query.get("since")
        # A token that this server did not give, or whose future was lost, is answered as an initial sync.
        acknowledged = await self._sync.acknowledged(viewer, since) if since is not None else None
        if acknowledged is not None:
            await self._record(viewer, acknowledged)
        wanted = SyncRequest(
            since=acknowledged,
            timeout_ms=milliseconds(query.get("timeout", "0")),
            full_state=query.get("full_state") == "true",
            filter=await self._filters.filter(viewer.user_id, query.get("filter")),
            state_after=state_after_name(query.get("use_state_after"), query.get("org.matrix.msc4222.use_state_after")),
            begins_anew=since is not None and acknowledged is None,
        )
        return Response(200, await self._sync.answer(viewer, wanted))

    async def _record(self, viewer: Viewer, token: SyncToken) -> None:
        user = await self._loading.user(viewer.user_id)
        if user is None:
            return
        await self._to_device.acknowledged(user, viewer, token)
        for delivery in await self._deliveries.of(token, user, viewer.device_id, self._clock_ms()):
            self._collector.add(delivery)


def state_after_name(stable: str | None, unstable: str | None) -> str | None:
    """Return the name under which the client wants the state after the timeline, None for the state before it."""
    if stable == "true":
        return "state_after"
    return "org.matrix.msc4222.state_after" if unstable == "true" else None


def milliseconds(text: str) -> int:
    """Return a time-out; `InvalidParam` where it is no number."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise InvalidParam("timeout must be a number of milliseconds")
    return int(text)
