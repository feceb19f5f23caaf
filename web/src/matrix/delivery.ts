/** The way of a message from the outbox to the server: files uploaded, content encrypted, accepted by its transaction. */
import { EventType, type MatrixClient, MatrixEvent, Method } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend";
import type { Content } from "./content";
import type { Media } from "./media";
import type { Delivery } from "./outbox";
import { contentOf, type OutgoingFile } from "./outgoingFile";
import type { Traces } from "./traces";

/**
 * The SDK's own sending keeps a list of its own of what is pending, in which one failure holds up everything; here the
 * outbox alone knows what is to be sent, and the SDK hears of a message when the server tells it.
 */
export class RoomDelivery implements Delivery {
  constructor(
    private readonly client: MatrixClient,
    private readonly media: Media,
    private readonly traces: Traces,
  ) {}

  async upload(roomId: string, file: OutgoingFile, progressed: (part: number) => void, abort: AbortController) {
    const { thumbnail } = file;
    const small = thumbnail && (await this.media.upload(roomId, thumbnail.blob, () => undefined, abort));
    const large = await this.media.upload(roomId, file.blob, progressed, abort);
    return contentOf(file, large, small);
  }

  async send(roomId: string, txnId: string, content: Content, type: string = EventType.RoomMessage): Promise<string> {
    const event = await this.sealed(roomId, txnId, content, type);
    const path = `/rooms/${encodeURIComponent(roomId)}/send/${event.getWireType()}/${encodeURIComponent(txnId)}`;
    const accepted = this.client.http.authedRequest<{ event_id: string }>(
      Method.Put,
      path,
      undefined,
      event.getWireContent(),
    );
    return (await accepted).event_id;
  }

  ask(roomId: string, eventId: string, until: number): Promise<void> {
    return this.traces.request(roomId, eventId, until);
  }

  private async sealed(roomId: string, txnId: string, content: Content, type: string): Promise<MatrixEvent> {
    const event = new MatrixEvent({ type, room_id: roomId, content: { ...content } });
    event.setTxnId(txnId);
    const crypto = this.client.getCrypto();
    const room = this.client.getRoom(roomId);
    if (room === null || crypto === undefined) throw new Error("the conversation is not there");
    const isEncrypted = room.hasEncryptionStateEvent() || (await crypto.isEncryptionEnabledInRoom(roomId));
    if (isEncrypted) await (crypto as CryptoBackend).encryptEvent(event, room);
    return event;
  }
}
