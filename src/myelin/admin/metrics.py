"""GET /_myelin/metrics: what the process is doing, in the text format of Prometheus; for near callers only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate

import msgspec
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from myelin.http.messages import Request, Response
from myelin.http.proxies import Proxies
from myelin.http.routes import Access, Route
from myelin.http.traffic import BOUNDS_S, Traffic
from myelin.matrix.errors import Forbidden

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Reading(msgspec.Struct, frozen=True):
    """One number of the process: its name, what it says, and where it is read. What only grows is a total."""

    name: str
    help: str
    read: Callable[[], float]
    is_total: bool = False


class Metrics:
    """Serves the counts of requests, and whatever numbers it is given."""

    def __init__(self, traffic: Traffic, readings: Iterable[Reading], proxies: Proxies) -> None:
        self._proxies = proxies
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(Requests(traffic))
        self._registry.register(Readings(readings))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def routes(self) -> Iterator[Route]:
        """Yield the route."""
        yield Route("GET", "/_myelin/metrics", self.get, Access.OPEN)

    async def get(self, request: Request) -> Response:
        if not self._proxies.is_near(request.peer_address, request.headers):
            raise Forbidden("metrics are for this machine and for trusted networks")
        return Response(200, generate_latest(self._registry), ((b"content-type", CONTENT_TYPE),))


class Requests(Collector):
    """Answers by route and status, and how long they took by route."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily("myelin_requests", "Answered requests.", labels=("method", "route", "status"))
        counts: Mapping[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))
        seconds: dict[tuple[str, str], float] = defaultdict(float)
        for (method, route, status), tally in self._traffic:
            answers.add_metric((method, route, str(status)), sum(tally.counts))
            counts[method, route][:] = map(sum, zip(counts[method, route], tally.counts, strict=True))
            seconds[method, route] += tally.seconds
        yield answers
        times = HistogramMetricFamily(
            "myelin_request_seconds",
            "From the head of a request to its answer, waiting included.",
            labels=("method", "route"),
        )
        for key, buckets in counts.items():
            bounds = (*map(str, BOUNDS_S), "+Inf")
            times.add_metric(key, list(zip(bounds, accumulate(buckets), strict=True)), seconds[key])
        yield times


class Readings(Collector):
    """Single numbers."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._readings = tuple(readings)

    def collect(self) -> Iterator[Metric]:
        for reading in self._readings:
            family = CounterMetricFamily if reading.is_total else GaugeMetricFamily
            yield family(reading.name, reading.help, value=reading.read())
