"""In which rooms two people both are."""

from tests.contract.people import Account


async def test_rooms_in_which_both_are(wang: Account, li: Account, zhao: Account) -> None:
    shared, left = await wang.create_room(li), await wang.create_room(li)
    await wang.create_room(zhao)
    await li.leave(left)
    answer = await wang.call("getMutualRooms", query={"user_id": li.user_id})
    assert (answer["joined"], answer["count"]) == ([shared], 1)
    assert (await li.call("getMutualRooms", query={"user_id": zhao.user_id}))["joined"] == []
    assert (await li.call("getMutualRooms", query={"user_id": "@nobody:hospital.test"}))["count"] == 0


async def test_a_user_id_must_be_somebody_elses(wang: Account, li: Account) -> None:
    invalid = (400, "M_INVALID_PARAM")
    for query in ({}, {"user_id": wang.user_id}, {"user_id": "li"}, {"user_id": li.user_id, "from": "elsewhere"}):
        await wang.call("getMutualRooms", query=query, expect=invalid)
