import { EventEmitter } from "node:events";
import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import { expect, test } from "vitest";
import { countOnce } from "./unreadCounts";

/** A client that counts as the SDK does: one more for each attempt at a message that the person has not read. */
class Counting extends EventEmitter {
  count = 0;
  private readonly room = {
    getRoomUnreadNotificationCount: () => this.count,
    setUnreadNotificationCount: (_type: unknown, count: number) => {
      this.count = count;
    },
  };

  constructor() {
    super();
    this.on("Event.decrypted", ({ isRead }: { isRead: boolean }) => {
      if (!isRead) this.count += 1;
    });
    countOnce(this as unknown as MatrixClient);
  }

  getRoom = () => this.room;
}

function aMessage(isRead = false): MatrixEvent {
  return { getRoomId: () => "!ward", isRead } as unknown as MatrixEvent;
}

test("a message that was read late counts once", () => {
  const client = new Counting();
  const [late, other] = [aMessage(), aMessage()];
  for (const event of [late, other, late, late]) client.emit("Event.decrypted", event);
  expect(client.count).toBe(2);
});

test("what did not count at first counts when it does", () => {
  const client = new Counting();
  const event = aMessage(true) as unknown as { isRead: boolean };
  client.emit("Event.decrypted", event);
  event.isRead = false;
  client.emit("Event.decrypted", event);
  expect(client.count).toBe(1);
});
