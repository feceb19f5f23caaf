// 王护士 and 李医生 at work: a thread, an edit, a reaction, receipts, a picture, a message for later, and finding each other.
//
// Reads {"nurse": account, "doctor": account} on standard input; one JSON object a line, each with its `step`.
// What the steps must say is asserted by test_daily.py.

import { people, tell } from "./stage.mjs";

const { Device, until } = await import("./device.mjs");
const { picture } = await import("./picture.mjs");

const nurse = await Device.signIn(people.nurse, "nurse's phone");
const doctor = await Device.signIn(people.doctor, "doctor's phone");
const roomId = await nurse.createRoom(doctor);
await doctor.join(roomId);
for (const device of [nurse, doctor]) {
  await until(`${device.name} sees the room`, () => device.isReadyToTalk(roomId, 2));
}

const text = (body) => ({ msgtype: "m.text", body });
const relating = (rel_type, event_id, more = {}) => ({ "m.relates_to": { rel_type, event_id, ...more } });

async function send(device, type, content, threadId = null) {
  return (await device.client.sendEvent(roomId, threadId, type, content)).event_id;
}

/** Waits until a device has an event, and gives it decrypted. */
async function seen(device, eventId) {
  const event = await until(`${device.name} has ${eventId}`, () => device.client.getRoom(roomId).findEventById(eventId));
  await until(`${device.name} opens ${eventId}`, () => event.getType() !== "m.room.encrypted");
  return event;
}

const root = await send(nurse, "m.room.message", text("bed 3: potassium?"));
await seen(doctor, root);
const answers = [];
for (const body of ["taken at eight", "3.1"]) answers.push(await send(doctor, "m.room.message", text(body), root));
for (const id of answers) await seen(nurse, id);
const thread = await until("the thread", () => {
  const found = nurse.client.getRoom(roomId).getThread(root);
  return found?.length === 2 && found.replyToEvent?.getId() === answers[1] && found;
});
tell("thread", { root: thread.rootEvent.getContent().body, length: thread.length, last: thread.replyToEvent.getContent().body });

await send(doctor, "m.room.message", {
  ...text("* 3.7"),
  "m.new_content": text("3.7"),
  ...relating("m.replace", answers[1]),
});
const edited = await until("the edit", async () => {
  const event = await seen(nurse, answers[1]);
  return event.replacingEvent() && event.getContent().body === "3.7" && event;
});
tell("edit", { text: edited.getContent().body });

await send(nurse, "m.reaction", relating("m.annotation", answers[0], { key: "👍" }));
const reactions = await until("the reaction", () => {
  const found = doctor.client.getRoom(roomId).relations.getChildEventsForEvent(answers[0], "m.annotation", "m.reaction");
  return found?.getSortedAnnotationsByKey();
});
tell("reaction", { reactions: reactions.map(([key, events]) => [key, events.size]) });

const last = await seen(nurse, answers[1]);
await nurse.client.sendReadReceipt(last);
const receipt = await until("the receipt in the thread", () => {
  const found = doctor.client.getRoom(roomId).getThread(root)?.getReadReceiptForUserId(nurse.account.user_id, true);
  return found?.eventId === answers[1] && found;
});
tell("receipt", { thread: receipt.data.thread_id === root });

const { content_uri: uri } = await nurse.client.uploadContent(picture(64, 48), { type: "image/png", includeFilename: false });
const url = doctor.client.mxcUrlToHttp(uri, 32, 32, "scale", false, true, true);
const small = await fetch(url, { headers: { authorization: `Bearer ${doctor.client.getAccessToken()}` } });
tell("thumbnail", { status: small.status, type: small.headers.get("content-type"), bytes: (await small.arrayBuffer()).byteLength });

const delayed = await nurse.client._unstable_sendDelayedEvent(roomId, { delay: 1000 }, null, "m.room.message", text("round at nine"));
const due = await until("the delayed event", async () =>
  (await doctor.read(roomId)).find((message) => message.text === "round at nine"),
);
tell("delayed", { delay_id: delayed.delay_id, text: due.text });

const name = nurse.account.user_id.slice(1).split(":")[0];
const found = await doctor.client.searchUserDirectory({ term: name, limit: 5 });
tell("found", { user_ids: found.results.map((person) => person.user_id) });

await nurse.client.setExtendedProfileProperty("org.example.pager", "4711");
tell("profile", { pager: await doctor.client.getExtendedProfileProperty(nurse.account.user_id, "org.example.pager") });

for (const device of [nurse, doctor]) device.client.stopClient();
process.exit(0);
