"""`myelin demo`: a hospital with a dozen staff and a few rooms, kept apart from everything real."""

from __future__ import annotations

import shutil
from dataclasses import replace

import msgspec

from myelin.actions.accounts import create_account
from myelin.actions.create_room import InitialState, NewRoom, create_room
from myelin.actions.members import join_room
from myelin.actions.sender import Sender
from myelin.append.proposal import Proposal
from myelin.append.turn import Turn
from myelin.cli.demo_hospital import HOSPITAL, PASSWORD, ROOMS, STAFF, DemoRoom, Person
from myelin.entries.entry import Draft
from myelin.entries.facts import ProfileSet
from myelin.main import at_work, serve
from myelin.matrix.identifiers import room_alias, user_id
from myelin.matrix.room_versions import room_version
from myelin.settings import Settings, SettingsError
from myelin.wiring.foundation import Foundation


async def demo(settings: Settings) -> None:
    """Run the demo hospital until Ctrl-C; a restart finds everything as it was."""
    settings = demo_settings(settings)
    async with at_work(settings) as built:
        for person in STAFF:
            await employ(built, person)
        for room in ROOMS:
            await open_room(built, room)
    introduce(settings)
    await serve(settings)


def reset_demo(settings: Settings) -> int:
    """Forget everything that the demo has stored."""
    folder = demo_settings(settings).data_dir
    shutil.rmtree(folder, ignore_errors=True)
    print(f"The demo's data in {folder} is gone.")
    return 0


def demo_settings(settings: Settings) -> Settings:
    """Return the settings with a folder of their own; everybody knows the passwords, so it stays on this machine."""
    if not settings.listen.is_loopback():
        raise SettingsError("listen: the demo's passwords are public, so it listens on this machine only")
    folder = settings.data_dir.with_name(settings.data_dir.name + "-demo")
    return replace(settings, data_dir=folder, database_url=None)


async def employ(built: Foundation, person: Person) -> None:
    """Make a person's account with their name, unless it is there."""
    name = user_id(person.number, built.settings.server_name)
    if await built.loading.user(name) is not None:
        return
    await built.pool.submit(create_account(name, await built.sign_ins.hashing.hash(PASSWORD), None))
    await built.pool.submit(name_person(name, person.display_name))


def name_person(name: str, display_name: str) -> Proposal[None]:
    """Propose a display name, as the directory will."""

    def propose(turn: Turn) -> None:
        turn.emit(Draft(facts=ProfileSet("displayname"), sender=name, body=msgspec.json.encode(display_name)))

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


def introduce(settings: Settings) -> None:
    """Print where the hospital is and who can sign in."""
    print(f"\n{HOSPITAL}  {settings.public_url}   ({settings.server_name})")
    print("Any Matrix client can sign in there, with one of these numbers and the password", PASSWORD)
    for person in STAFF:
        print(f"  {person.number}   {person.display_name}")
    print("Rooms:", "、".join(room.name for room in ROOMS))
    print("Ctrl-C stops everything; a restart keeps it, `make demo-reset` drops it.\n", flush=True)
