"""/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags (client-server API, "Room Tagging"): `m.tag`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from myelin.actions.account_data import AccountDataChanges, Place
from myelin.api.callers import own, sender_of
from myelin.http.messages import EMPTY, Request, Response, ok
from myelin.http.routes import Route
from myelin.matrix.errors import BadJson, InvalidParam
from myelin.matrix.identifiers import MAX_BYTES, check_room_id
from myelin.matrix.json import JsonObject
from myelin.projections.account_data import AccountDataReader

TAG_TYPE = "m.tag"


class Tags:
    """Lets people sort their rooms."""

    def __init__(self, changes: AccountDataChanges, reader: AccountDataReader) -> None:
        self._changes = changes
        self._reader = reader

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        tags = "/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags"
        yield Route("GET", tags, self.get)
        yield Route("PUT", f"{tags}/{{tag}}", self.put)
        yield Route("DELETE", f"{tags}/{{tag}}", self.delete)

    async def get(self, request: Request) -> Response:
        user_id, room_id = request.path
        own(request, user_id)
        return ok({"tags": tags_of(await self._reader.content(user_id, check_room_id(room_id), TAG_TYPE))})

    async def put(self, request: Request) -> Response:
        user_id, room_id, tag = request.path
        own(request, user_id)
        tag_content = checked_tag(tag, request.json_object())
        return await self._change(request, room_id, lambda tags: {**tags, tag: tag_content})

    async def delete(self, request: Request) -> Response:
        user_id, room_id, tag = request.path
        own(request, user_id)
        return await self._change(request, room_id, lambda tags: without(tags, tag))

    async def _change(self, request: Request, room_id: str, change: Callable[[JsonObject], JsonObject]) -> Response:
        def changed(content: JsonObject | None) -> JsonObject:
            return {**(content or {}), "tags": change(tags_of(content))}

        await self._changes.change(sender_of(request), Place(TAG_TYPE, check_room_id(room_id)), changed)
        return EMPTY


def tags_of(content: JsonObject | None) -> JsonObject:
    """Return the tags of a content, which a client may have written by itself."""
    tags = content.get("tags") if content is not None else None
    return tags if isinstance(tags, dict) else {}


def without(tags: JsonObject, tag: str) -> JsonObject:
    return {name: value for name, value in tags.items() if name != tag}


def checked_tag(tag: str, content: JsonObject) -> JsonObject:
    """Return the content of a tag; refused where clients could not sort by it."""
    # The name of a tag MUST NOT exceed 255 bytes.
    if len(tag.encode()) > MAX_BYTES:
        raise InvalidParam(f"the name of a tag has {MAX_BYTES} bytes at most")
    order = content.get("order")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int | float)):
        raise BadJson("the order of a tag is a number between 0 and 1")
    return content
