"""The route table: method and path to handler, compiled to a tree of dictionaries.

Paths are matched on their raw segments and unquoted afterwards, so an id may contain a slash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import Enum
from functools import lru_cache
from urllib.parse import unquote

import msgspec

from myelin.http.messages import Request, Response
from myelin.matrix.errors import InvalidParam, MethodNotAllowed, Unrecognized

Handler = Callable[[Request], Awaitable[Response]]
BODY_LIMIT_BYTES = 1024 * 1024


class Access(Enum):
    """Whether a route needs an access token."""

    TOKEN = "token"
    OPTIONAL = "optional"
    OPEN = "open"


class Route(msgspec.Struct, frozen=True):
    """One endpoint. `limit` names its class of rate limits, `streams` says that it reads the body itself."""

    method: str
    path: str
    handler: Handler
    access: Access = Access.TOKEN
    limit: str | None = None
    body_limit_bytes: int = BODY_LIMIT_BYTES
    streams: bool = False


class WrongMethod(MethodNotAllowed):
    """This endpoint does not know that method."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__()


class Node:
    """One step of a path."""

    __slots__ = ("children", "methods", "placeholder")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.placeholder: Node | None = None
        self.methods: dict[str, Route] = {}


class Routes:
    """Every route of the server."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = Node()
        self._all = tuple(routes)
        for route in self._all:
            self._add(route)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._all)

    def match(self, method: str, raw_path: str) -> tuple[Route, tuple[str, ...]]:
        """Return the route and the unquoted values of its placeholders; 404 or 405 `M_UNRECOGNIZED`."""
        values: list[str] = []
        node = find(self._root, raw_path.split("/")[1:], 0, values)
        if node is None:
            raise Unrecognized
        route = node.methods.get(method)
        if route is None:
            raise WrongMethod(node.methods)
        return route, tuple(map(unquoted, values))

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
            if segment.startswith("{"):
                node.placeholder = node.placeholder or Node()
                node = node.placeholder
            else:
                node = node.children.setdefault(segment, Node())
        assert route.method not in node.methods, f"{route.method} {route.path} is there twice"
        node.methods[route.method] = route


def find(node: Node, segments: list[str], index: int, values: list[str]) -> Node | None:
    """Return the node of a path; words go before placeholders."""
    if index == len(segments):
        return node if node.methods else None
    child = node.children.get(segments[index])
    if child is not None:
        found = find(child, segments, index + 1, values)
        if found is not None:
            return found
    if node.placeholder is None:
        return None
    values.append(segments[index])
    found = find(node.placeholder, segments, index + 1, values)
    if found is None:
        values.pop()
    return found


@lru_cache(maxsize=16_384)
def unquoted(value: str) -> str:
    """Return a path segment unquoted; `InvalidParam` where it is not UTF-8, or holds what no database stores."""
    if "%" not in value:
        return value
    try:
        text = unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise InvalidParam("the path is not valid UTF-8") from None
    if "\x00" in text:
        raise InvalidParam("the path holds a zero byte")
    return text
