/** Direct chats: the one with a colleague, found or made; and colleagues' invitations, accepted by themselves. */
import { ClientEvent, EventType, type MatrixClient, Preset, type Room, RoomEvent } from "matrix-js-sdk";

const DIRECT = EventType.Direct;

export class DirectRooms {
  constructor(private readonly client: MatrixClient) {
    // Only here is the room in the store: a join any earlier loses the history that came with the invitation.
    client.on(ClientEvent.Room, this.accept);
    // Whoever left and is invited again has the room already.
    client.on(RoomEvent.MyMembership, (room) => {
      if (client.getRoom(room.roomId) === room) this.accept(room);
    });
    for (const room of client.getRooms()) this.accept(room);
  }

  /** Return the direct chat with a colleague; a new one where there is none. */
  async with(userId: string): Promise<string> {
    const known = this.ofPerson(userId).find((roomId) => this.client.getRoom(roomId)?.getMyMembership() === "join");
    if (known !== undefined) return known;
    const wishes = { is_direct: true, invite: [userId], preset: Preset.TrustedPrivateChat };
    const { room_id: roomId } = await this.client.createRoom(wishes);
    await this.remember(userId, roomId);
    return roomId;
  }

  private accept = (room: Room): void => {
    if (room.getMyMembership() !== "invite") return;
    const inviter = room.getMember(room.myUserId)?.events.member?.getSender();
    const isDirect = room.getMember(room.myUserId)?.events.member?.getContent().is_direct === true;
    if (inviter === undefined || domainOf(inviter) !== domainOf(room.myUserId)) return;
    this.client
      .joinRoom(room.roomId)
      .then(() => (isDirect ? this.remember(inviter, room.roomId) : undefined))
      .catch((fault) => console.warn("an invitation could not be accepted", fault));
  };

  private ofPerson(userId: string): string[] {
    const content = this.client.getAccountData(DIRECT)?.getContent() ?? {};
    const rooms = content[userId];
    return Array.isArray(rooms) ? rooms : [];
  }

  private async remember(userId: string, roomId: string): Promise<void> {
    const content = this.client.getAccountData(DIRECT)?.getContent() ?? {};
    const rooms = [...new Set([...this.ofPerson(userId), roomId])];
    await this.client.setAccountData(DIRECT, { ...content, [userId]: rooms });
  }
}

function domainOf(userId: string): string {
  return userId.slice(userId.indexOf(":") + 1);
}
