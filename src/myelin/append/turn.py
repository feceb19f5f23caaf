"""One proposal's turn: the state it may read, and what it may have happen.

Whatever a turn emits is folded at once on an overlay of its own, so the next thing it does, and the next
proposal of the batch, see it. A refusal drops the overlay.
"""

from __future__ import annotations

from collections.abc import Iterable

from myelin.append.origin import Origin
from myelin.append.overlay import BatchState, NotLoaded, Overlay
from myelin.append.room_events import NewEvent, draft_event, event_facts, relation
from myelin.entries.entry import Draft, Entry, seal
from myelin.entries.facts import AliasSet, EventAppended
from myelin.matrix.errors import NotAuthorized
from myelin.matrix.events import BuiltEvent, Event, build
from myelin.matrix.json import JsonObject
from myelin.matrix.room_versions import RoomVersion
from myelin.policy.acknowledgement import check_acknowledgement
from myelin.policy.policy import Policy
from myelin.rules.authorization import check_authorized, check_create
from myelin.rules.outcomes import PersonalOutcomes
from myelin.rules.push import Notice
from myelin.rules.relations import (
    ANNOTATION,
    REPLACE,
    THREAD,
    check_editable,
    check_few,
    check_new_annotation,
    check_thread_root,
)
from myelin.state.acknowledgement import ACKNOWLEDGEMENT_TYPES, NOTHING_ASKED, Acknowledgement, acknowledged
from myelin.state.alias import Alias
from myelin.state.deltas import Delta, RoomDesignated
from myelin.state.fold import fold
from myelin.state.kinship import Kinship
from myelin.state.room import Room
from myelin.state.user import User

SALT_BYTES = 32
NONCE_BYTES = 16


class Turn:
    """What a proposal sees and does. `at` is the batch's time in ms."""

    def __init__(self, batch: BatchState, at: int, origin: Origin, policy: Policy) -> None:
        self.at = max(at, batch.latest_at)
        self.origin = origin
        self.policy = policy
        self.entries: list[Entry] = []
        self.deltas: list[Delta] = []
        self.writes: list[tuple[str, JsonObject]] = []
        self._batch = batch
        self._overlay = Overlay(batch.overlay)
        self._aliases: dict[str, Alias | None] = {}
        self._designations: dict[str, str] = {}

    # --- reading ---

    def room(self, room_id: str) -> Room | None:
        """Return a room, None where there is none."""
        room = self._overlay.loaded_room(room_id)
        if room is None and room_id not in self._batch.absent.rooms:
            raise NotLoaded(rooms=(room_id,))
        return room

    def user(self, user_id: str) -> User | None:
        """Return a person, None where there is no such account."""
        user = self._overlay.loaded_user(user_id)
        if user is None and user_id not in self._batch.absent.users:
            raise NotLoaded(users=(user_id,))
        return user

    def users(self, user_ids: Iterable[str]) -> list[User]:
        """Return those of these people who have an account; whoever is not in memory is loaded together."""
        wanted = list(user_ids)
        absent = self._batch.absent.users
        missing = [name for name in wanted if name not in absent and self._overlay.loaded_user(name) is None]
        if missing:
            raise NotLoaded(users=missing)
        found = (self._overlay.loaded_user(name) for name in wanted)
        return [user for user in found if user is not None]

    def event(self, event_id: str) -> Entry | None:
        """Return the entry of an event as it reads now, None where there is none."""
        own = (entry for entry in self.entries if entry.event_id == event_id)
        entry = next(own, None) or self._batch.events.get(event_id)
        if entry is None and event_id not in self._batch.absent.events:
            raise NotLoaded(events=(event_id,))
        return entry

    def alias(self, alias: str) -> Alias | None:
        """Return where an alias leads, None where it leads nowhere."""
        if alias in self._aliases:
            return self._aliases[alias]
        if alias not in self._batch.aliases:
            raise NotLoaded(aliases=(alias,))
        return self._batch.aliases[alias]

    def aliases(self, aliases: Iterable[str]) -> dict[str, Alias | None]:
        """Return where these aliases lead; what is not in memory is loaded together."""
        wanted = list(aliases)
        missing = [name for name in wanted if name not in self._aliases and name not in self._batch.aliases]
        if missing:
            raise NotLoaded(aliases=missing)
        return {name: self.alias(name) for name in wanted}

    def designated_room(self, designation: str) -> str | None:
        """Return the one room that serves a purpose (see `state.designations`), None where there is none yet."""
        if designation in self._designations:
            return self._designations[designation]
        if designation not in self._batch.designations:
            raise NotLoaded(designations=(designation,))
        return self._batch.designations[designation]

    def acknowledgement(self, event_id: str) -> Acknowledgement:
        """Return who was asked to acknowledge a message, and who has."""
        known = self._batch.acknowledgements.get(event_id)
        if known is None:
            raise NotLoaded(acknowledgements=(event_id,))
        return acknowledged({event_id: known}, self.entries)[event_id]

    def children(self, event_id: str, rel_type: str, sender: str) -> list[Entry]:
        """Return what a person has sent that relates to an event in one way, and is not redacted."""
        kinship = Kinship(event_id, rel_type, sender)
        known = self._batch.children.get(kinship)
        if known is None:
            raise NotLoaded(children=(kinship,))
        later = [entry for entry in (*self._batch.entries, *self.entries) if kinship.covers(entry)]
        gone = self._redacted_here()
        return [entry for entry in (*known, *later) if entry.erased_by is None and entry.event_id not in gone]

    def is_redacted(self, entry: Entry) -> bool:
        """Whether an event has been redacted, in this batch or before."""
        return entry.erased_by is not None or entry.event_id in self._redacted_here()

    def _redacted_here(self) -> set[str]:
        later = (each.facts for each in (*self._batch.entries, *self.entries))
        return {name for facts in later if isinstance(facts, EventAppended) for name in facts.redacted}

    # --- writing ---

    @property
    def next_position(self) -> int:
        """The position that the next entry of this turn gets, if the batch is accepted as it stands."""
        return self._batch.next_position + len(self.entries)

    def emit(self, draft: Draft) -> Entry:
        """Give an entry its place in this turn and fold it."""
        entry = seal(draft, self.next_position, self.at, self.origin.random(SALT_BYTES))
        self.entries.append(entry)
        deltas = fold(self._overlay, entry)
        self.deltas.extend(deltas)
        self._designations.update((each.designation, each.room_id) for each in deltas if type(each) is RoomDesignated)
        if isinstance(draft.facts, AliasSet):
            leads_to = None if draft.facts.removed else Alias(draft.room_id or "", draft.sender or "")
            self._aliases[draft.facts.alias] = leads_to
        return entry

    def write(self, table: str, **row: object) -> None:
        """Have a row written beside the entries, in the same transaction."""
        self.writes.append((table, row))  # type: ignore[arg-type]

    def create_room(self, new: NewEvent, version: RoomVersion, room_id: str) -> Room:
        """Emit the create event of a room; `room_id` is empty where the version derives it from the event."""
        draft = draft_event(new, room_id, None, self.at)
        built = build(draft, version, self.origin.key, self.origin.server_name, self._nonce())
        check_create(built.event, version)
        return self._emit_event(new, built, None)

    def send(self, room_id: str, new: NewEvent) -> Event:
        """Emit a room event: authorised by the specification and the hospital, built, hashed and signed.

        What the server does itself (`by_server`) is the hospital's will already.
        """
        room = self.room(room_id)
        if room is None:
            raise NotAuthorized("you are not in this room; join it first")
        rel_type, related = relation(new.content)
        parent = self.event(related) if related is not None else None
        if rel_type is not None and parent is not None and parent.room_id == room_id:
            self._check_relation(new, rel_type, parent)
        draft = draft_event(new, room_id, room, self.at)
        if not new.by_server:
            self.policy.check_event(draft, room)
        if draft.type in ACKNOWLEDGEMENT_TYPES:
            known = self.acknowledgement(related) if related is not None else NOTHING_ASKED
            check_acknowledgement(draft, room, parent, known, self.at)
        built = build(draft, room.version, self.origin.key, self.origin.server_name, self._nonce())
        check_authorized(built.event, room)
        self._emit_event(new, built, room, parent)
        return built.event

    def _check_relation(self, new: NewEvent, rel_type: str, parent: Entry) -> None:
        if rel_type == THREAD:
            check_thread_root(parent)
        if rel_type == REPLACE:
            check_editable(self.is_redacted(parent))
        if rel_type in (REPLACE, ANNOTATION) and parent.event_id is not None:
            own = self.children(parent.event_id, rel_type, new.sender)
            check_few(own)
            if rel_type == ANNOTATION:
                check_new_annotation(new.type, new.content, own)

    def _emit_event(self, new: NewEvent, built: BuiltEvent, room: Room | None, parent: Entry | None = None) -> Room:
        draft = Draft(
            facts=event_facts(built.event, room, parent, self._by_own_rules, new.redacts_edits),
            body=built.body,
            room_id=built.event.room_id,
            sender=new.sender,
            device_id=new.device_id,
            transaction=new.transaction,
            event=built.event,
        )
        self.emit(draft)
        changed = self._overlay.loaded_room(built.event.room_id)
        assert changed is not None
        return changed

    def accept(self) -> None:
        """Make this turn part of its batch."""
        self._overlay.merge_down()
        self._batch.entries.extend(self.entries)
        self._batch.aliases.update(self._aliases)
        self._batch.designations.update(self._designations)
        if self._batch.acknowledgements:
            self._batch.acknowledgements = acknowledged(self._batch.acknowledgements, self.entries)
        self._batch.events.update((entry.event_id, entry) for entry in self.entries if entry.event_id is not None)
        if self.entries:
            self._batch.latest_at = self.at

    def _by_own_rules(self, event: Event, room: Room, notice: Notice) -> PersonalOutcomes:
        return self._batch.people.outcomes(event, room, notice, self._display_name)

    def _display_name(self, user_id: str) -> str | None:
        user = self.user(user_id)
        return user.displayname if user is not None else None

    def _nonce(self) -> bytes:
        return self.origin.random(NONCE_BYTES)
