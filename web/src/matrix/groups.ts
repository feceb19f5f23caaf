/** A room as its drawer shows it, what the person may do there, and the doing; and new groups. */
import { EventType, type MatrixClient, Preset, type Room, type RoomMember, RoomStateEvent } from "matrix-js-sdk";
import type { Value } from "../platform/value";
import { cleaned } from "./content";
import { kindOf, type RoomKind } from "./rooms";

export interface Member {
  userId: string;
  name: string;
  isModerator: boolean;
  isInvited: boolean;
}

export interface RoomFacts {
  name: string;
  topic: string;
  kind: RoomKind;
  ownId: string;
  members: readonly Member[];
  /** Whether the hospital's directory says who is in it. */
  followsDirectory: boolean;
  mayWrite: boolean;
  mayAdd: boolean;
  mayRemove: boolean;
  mayDescribe: boolean;
  mayAppoint: boolean;
}

const MODERATOR = 50;
const ORDINARY = 0;

/** One room, followed for as long as somebody looks at it. */
export class RoomDetails implements Value<RoomFacts> {
  private facts: RoomFacts | undefined;

  constructor(
    private readonly client: MatrixClient,
    private readonly room: Room,
  ) {}

  get = (): RoomFacts => {
    this.facts ??= factsOf(this.room);
    return this.facts;
  };

  subscribe = (changed: () => void): (() => void) => {
    const forget = () => {
      this.facts = undefined;
      changed();
    };
    // Nothing is heard while nobody looks, so what is known from before may be outdated.
    this.facts = undefined;
    this.room.on(RoomStateEvent.Update, forget);
    return () => this.room.off(RoomStateEvent.Update, forget);
  };

  /** Load the whole list of members, of which a sync tells only those who spoke. */
  async loadMembers(): Promise<void> {
    await this.room.loadMembersIfNeeded();
  }

  async rename(name: string): Promise<void> {
    await this.client.setRoomName(this.room.roomId, name);
  }

  async describe(topic: string): Promise<void> {
    await this.client.setRoomTopic(this.room.roomId, topic);
  }

  /** Invite people, who will read what was said before as far as the room shows it to them. */
  async add(userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) await this.client.invite(this.room.roomId, userId);
  }

  async remove(userId: string): Promise<void> {
    await this.client.kick(this.room.roomId, userId);
  }

  async appoint(userId: string, isModerator: boolean): Promise<void> {
    await this.client.setPowerLevel(this.room.roomId, userId, isModerator ? MODERATOR : ORDINARY);
  }

  async leave(): Promise<void> {
    await this.client.leave(this.room.roomId);
  }
}

/** Make a group and return its id; the server encrypts it. */
export async function makeGroup(client: MatrixClient, name: string, userIds: readonly string[]): Promise<string> {
  const { room_id: roomId } = await client.createRoom({
    preset: Preset.PrivateChat,
    name,
    invite: [...userIds],
    initial_state: [{ type: "org.myelin.room", state_key: "", content: { kind: "group" } }],
  });
  return roomId;
}

function factsOf(room: Room): RoomFacts {
  const { currentState: state, myUserId: own } = room;
  const kind = kindOf(room);
  const level = room.getMember(own)?.powerLevel ?? 0;
  return {
    name: cleaned(room.name) || room.roomId,
    topic: topicOf(room),
    kind,
    ownId: own,
    members: membersOf(room),
    followsDirectory: followsDirectory(room, kind),
    mayWrite: room.maySendMessage(),
    mayAdd: kind !== "direct" && room.canInvite(own),
    mayRemove: kind !== "direct" && state.hasSufficientPowerLevelFor("kick", level),
    mayDescribe: kind !== "direct" && state.maySendStateEvent(EventType.RoomName, own),
    mayAppoint: kind !== "direct" && state.maySendStateEvent(EventType.RoomPowerLevels, own),
  };
}

/** Departments' rooms, and the announcements that the server itself has made for everybody. */
function followsDirectory(room: Room, kind: RoomKind): boolean {
  return kind === "department" || (kind === "broadcast" && room.getJoinRule() === "restricted");
}

function topicOf(room: Room): string {
  return cleaned(room.currentState.getStateEvents(EventType.RoomTopic, "")?.getContent().topic);
}

function membersOf(room: Room): readonly Member[] {
  const members = room.getMembers().filter(isShown).map(memberOf);
  return members.sort((a, b) => Number(b.isModerator) - Number(a.isModerator) || a.name.localeCompare(b.name, "zh-CN"));
}

/** Those who are here or asked to come, without the server's own account and without services. */
function isShown({ membership, userId }: RoomMember): boolean {
  return (membership === "join" || membership === "invite") && !userId.startsWith("@_");
}

function memberOf(member: RoomMember): Member {
  return {
    userId: member.userId,
    name: cleaned(member.name) || member.userId,
    isModerator: member.powerLevel >= MODERATOR,
    isInvited: member.membership === "invite",
  };
}
