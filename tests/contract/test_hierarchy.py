"""Spaces: what lies in them, depth first, as far as somebody may know of it."""

from typing import Any

from tests.contract.people import Account

OPEN = {"preset": "public_chat"}


async def space(account: Account, **wishes: Any) -> str:
    return await account.create_room(creation_content={"type": "m.space"}, **{"preset": "public_chat", **wishes})


async def add(account: Account, parent: str, child: str, **content: Any) -> None:
    await account.set_state(parent, "m.space.child", {"via": ["hospital.test"], **content}, state_key=child)


async def rooms(account: Account, root: str, **query: Any) -> list[str]:
    answer = await account.call("getSpaceHierarchy", roomId=root, query=query)
    return [room["room_id"] for room in answer["rooms"]]


async def test_a_space_is_shown_depth_first_in_the_order_of_its_keeper(wang: Account, li: Account) -> None:
    root, ward = await space(wang, name="hospital"), await space(wang, name="ward")
    first, second, third = [await wang.create_room(**OPEN, name=name) for name in "abc"]
    await add(wang, root, third)
    await add(wang, root, first, order="b")
    await add(wang, root, ward, order="a", suggested=True)
    await add(wang, ward, second)
    answer = await li.call("getSpaceHierarchy", roomId=root)
    assert [room["room_id"] for room in answer["rooms"]] == [root, ward, second, first, third]
    shown = {room["room_id"]: room for room in answer["rooms"]}
    assert (shown[root]["name"], shown[root]["room_type"], shown[root]["num_joined_members"]) == (
        "hospital",
        "m.space",
        1,
    )
    assert [child["state_key"] for child in shown[root]["children_state"]] == [ward, first, third]
    assert shown[first]["children_state"] == []
    assert await rooms(li, root, max_depth=0) == [root]
    assert await rooms(li, root, max_depth=1) == [root, ward, first, third]
    assert await rooms(li, root, suggested_only="true") == [root, ward]


async def test_what_somebody_may_not_know_of_is_left_out(wang: Account, li: Account, zhao: Account) -> None:
    root = await space(wang)
    closed, invited = await wang.create_room(), await wang.create_room()
    await wang.invite(invited, li)
    restricted = await wang.create_room(
        initial_state=[
            {
                "type": "m.room.join_rules",
                "state_key": "",
                "content": {
                    "join_rule": "restricted",
                    "allow": [{"type": "m.room_membership", "room_id": root}],
                },
            }
        ]
    )
    banned = await wang.create_room(**OPEN)
    await wang.call("ban", roomId=banned, body={"user_id": zhao.user_id})
    for number, child in enumerate((closed, invited, restricted, banned)):
        await add(wang, root, child, order=str(number))
    assert await rooms(wang, root) == [root, closed, invited, restricted, banned]
    assert await rooms(li, root) == [root, invited, banned]
    assert await rooms(zhao, root) == [root]
    await zhao.join(root)
    assert await rooms(zhao, root) == [root, restricted]
    await zhao.call("getSpaceHierarchy", roomId=closed, expect=(403, "M_FORBIDDEN"))
    await zhao.call("getSpaceHierarchy", roomId="!nowhere:hospital.test", expect=(403, "M_FORBIDDEN"))


async def test_cycles_end_and_children_without_a_way_are_none(wang: Account) -> None:
    root, inner = await space(wang), await space(wang)
    room = await wang.create_room(**OPEN)
    await add(wang, root, inner)
    await add(wang, inner, root)
    await add(wang, inner, inner)
    await add(wang, inner, room)
    assert await rooms(wang, root) == [root, inner, room]
    await wang.set_state(inner, "m.space.child", {}, state_key=room)
    await wang.set_state(inner, "m.space.child", {"via": "hospital.test"}, state_key="!elsewhere")
    await wang.set_state(inner, "m.space.child", {"via": ["hospital.test"]}, state_key="no room at all")
    assert await rooms(wang, root) == [root, inner]


async def test_the_walk_comes_in_pages(wang: Account) -> None:
    root = await space(wang)
    children = [await wang.create_room(**OPEN) for _ in range(4)]
    for number, child in enumerate(children):
        await add(wang, root, child, order=str(number))
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2, "max_depth": 3}
    while True:
        page = await wang.call("getSpaceHierarchy", roomId=root, query=query)
        found += [room["room_id"] for room in page["rooms"]]
        if "next_batch" not in page:
            break
        query["from"] = page["next_batch"]
    assert found == [root, *children]
    for wrong in ({"max_depth": 2}, {"suggested_only": "true"}, {"from": "elsewhere"}, {"limit": 0}, {"limit": -1}):
        await wang.call("getSpaceHierarchy", roomId=root, query=query | wrong, expect=(400, "M_INVALID_PARAM"))


async def test_a_room_is_no_space_and_stands_alone(wang: Account) -> None:
    room, other = await wang.create_room(), await wang.create_room()
    await add(wang, room, other)
    assert await rooms(wang, room) == [room]
