"""What stands in the demo hospital before anybody comes: staff, duties, groups, announcements."""

from __future__ import annotations

import secrets

from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.actions.directory import plan_directory
from myelin.actions.duty import plan_duty
from myelin.actions.members import join_room
from myelin.actions.passwords import set_password
from myelin.actions.send_event import send_event
from myelin.actions.sender import Sender
from myelin.actions.services import add_service
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.demo.hospital import (
    ANNOUNCEMENTS,
    ANNOUNCERS,
    DUTIES,
    PASSWORD,
    ROOMS,
    SERVICE,
    STAFF,
    DemoRoom,
    Person,
)
from myelin.directory.comparison import DEPARTMENT_ID_BYTES, plan_of
from myelin.directory.duty_file import ListedDuty
from myelin.directory.duty_planning import duty_plan_of
from myelin.directory.people_file import ListedPerson
from myelin.matrix.identifiers import room_alias, user_id
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import room_version
from myelin.projections.services import ServiceReader
from myelin.state.designations import ANNOUNCEMENTS as ANNOUNCEMENTS_ROOM
from myelin.stores.activation_codes import ActivationCodes
from myelin.wiring.clock import clock_ms
from myelin.wiring.foundation import Foundation


async def open_hospital(built: Foundation) -> None:
    """Make the staff, their duties and their groups; what is there already stays as it is."""
    await employ(built)
    await put_on_duty(built)
    await add_laboratory(built)
    for room in ROOMS:
        await open_room(built, room)
    await announce(built)


async def employ(built: Foundation) -> None:
    """Make the staff by the directory, as a hospital would; those who are there already stay as they are."""
    people = [listed(person, built.settings.server_name) for person in STAFF]
    basis, now = await built.directory.reader.latest_plan(), await built.directory.reader.directory()
    plan = plan_of(now, people, frozenset(), full=False, new_id=lambda: secrets.token_hex(DEPARTMENT_ID_BYTES))
    if not plan.is_empty:
        await built.pool.submit(plan_directory(plan, "demo", basis))
    await built.directory.carrying.settled()
    for name in await ActivationCodes(built.reads, clock_ms).without_password([person.user_id for person in people]):
        await built.pool.submit(set_password(name, await built.sign_ins.hashing.hash(PASSWORD), ending=None))


def listed(person: Person, server_name: str) -> ListedPerson:
    """Return one of the staff as a file would list them."""
    return ListedPerson(
        line=0,
        employee_number=person.number,
        user_id=user_id(person.number, server_name),
        name=person.name,
        department=person.department,
        title=person.title,
        profession=person.profession,
        phone=person.phone,
        further=(),
    )


async def put_on_duty(built: Foundation) -> None:
    """Say who is on duty, as an imported file would; unless it is so already."""
    server_name = built.settings.server_name
    listed_duties = [
        ListedDuty(
            line=0,
            role=duty.role,
            employee_number=duty.number,
            user_id=user_id(duty.number, server_name),
            fallback=duty.fallback,
        )
        for duty in DUTIES
    ]
    directory, now = await built.directory.reader.directory(), await built.duty.current()
    plan = duty_plan_of(listed_duties, directory, now, clock_ms())
    if not plan.is_empty:
        await built.pool.submit(plan_duty(plan, "demo"))


async def add_laboratory(built: Foundation) -> None:
    """Make the account of the laboratory's system, unless there is one."""
    name, title = SERVICE
    service = user_id(name, built.settings.server_name)
    if service not in {each.user_id for each in await ServiceReader(built.reads).services()}:
        await built.pool.submit(add_service(service, title, await built.sign_ins.hashing.hash(PASSWORD)))


async def announce(built: Foundation) -> None:
    """Write in the room of everybody what a newcomer reads first; by its transactions, once for ever."""
    # The room follows from the directory, as do those of the departments.
    await built.directory_rooms.follow(built.pool.submit)
    announcer = user_id(ANNOUNCERS[0], built.settings.server_name)
    room_id = await built.pool.submit(announcements_for(announcer))
    if room_id is None:
        return
    for number, text in enumerate(ANNOUNCEMENTS):
        content: JsonObject = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        sending = send_event(Sender(announcer, "DEMO"), room_id, "m.room.message", content, f"demo-{number}")
        await built.pool.submit(sending)


def announcements_for(announcer: str) -> Proposal[str | None]:
    """Ask for the room of announcements; None where it is not there, or somebody may not write in it yet."""

    def propose(turn: Turn) -> str | None:
        room_id = turn.designated_room(ANNOUNCEMENTS_ROOM)
        room = turn.room(room_id) if room_id is not None else None
        return room_id if room is not None and room.membership(announcer) == "join" else None

    return Proposal(propose)


async def open_room(built: Foundation, room: DemoRoom) -> None:
    """Make a room with its members, unless its alias leads to one."""
    server_name = built.settings.server_name
    alias = room_alias(room.alias, server_name)
    if await built.pool.submit(alias_is_taken(alias)):
        return
    first, *others = [user_id(number, server_name) for number in room.numbers]
    new = NewRoom(
        version=room_version(built.settings.room_version),
        preset="private_chat",
        name=room.name,
        topic=room.topic,
        alias=alias,
        invite=others,
        initial_state=[InitialState(type="org.myelin.room", content={"kind": room.kind})],
    )
    room_id = await built.pool.submit(create_room(Sender(first, ""), new))
    for other in others:
        await built.pool.submit(join_room(Sender(other, ""), room_id))


def alias_is_taken(alias: str) -> Proposal[bool]:
    """Ask whether an alias leads to a room."""

    def propose(turn: Turn) -> bool:
        return turn.alias(alias) is not None

    return Proposal(propose)
