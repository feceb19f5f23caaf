// 李医生 is signed in nowhere while 王护士 writes, and reads it on a new device; 赵主任 is invited and reads what was said before.
//
// Reads {"nurse": account, "doctor": account, "chief": account} on standard input; one JSON object a line, each with its `step`.
// What the steps must say is asserted by test_absence.py.

import { people, tell } from "./stage.mjs";

const { Device, until } = await import("./device.mjs");

const nurse = await Device.signIn(people.nurse, "nurse's phone");
const doctor = await Device.signIn(people.doctor, "doctor's phone");
const chief = await Device.signIn(people.chief, "chief's phone");
for (const device of [nurse, doctor, chief]) await device.bootstrap();

const roomId = await nurse.createRoom(doctor);
await doctor.join(roomId);
for (const device of [nurse, doctor]) {
  await until(`${device.name} sees the room`, () => device.isReadyToTalk(roomId, 2));
}
await nurse.say(roomId, "while both are there");
await doctor.reads(roomId, 1);
await until("the session is backed up", () => doctor.backedUp(1));

tell("supported", { supported: await doctor.crypto.isDehydrationSupported() });
await doctor.crypto.startDehydration();
tell("dehydrated", { devices: await doctor.devices() });
await doctor.client.logout(true);

await until("the nurse sees that the phone is gone", async () => {
  const { [doctor.account.user_id]: seen } = Object.fromEntries(
    await nurse.crypto.getUserDeviceInfo([doctor.account.user_id], true),
  );
  return seen.size === 1 && [...seen.values()].every((device) => device.dehydrated);
});
await nurse.say(roomId, "while nobody is there");

const tablet = await Device.signIn(people.doctor, "doctor's tablet");
await until("the tablet sees the room", () => tablet.isReadyToTalk(roomId, 2));
await tablet.recover(doctor.recoveryKey);
const before = await until("the backup is read", async () => {
  const messages = await tablet.read(roomId);
  return messages.some((message) => "text" in message) && messages;
});
tell("before rehydration", { messages: before });
const old = (await tablet.devices()).find((device) => device !== tablet.client.getDeviceId());
await tablet.crypto.startDehydration();
tell("rehydrated", { messages: await tablet.reads(roomId, 2), old, devices: await tablet.devices() });

// Sharing is what inviting does in this version of the SDK: an encrypted bundle, its key to the chief's device, the invitation.
await nurse.client.invite(roomId, chief.account.user_id);
await until("the invitation", () => chief.client.getRoom(roomId)?.getMyMembership() === "invite");
await chief.client.joinRoom(roomId);
await until("the chief sees the room", () => chief.isReadyToTalk(roomId, 3));
tell("shared", { messages: await chief.reads(roomId, 2) });

for (const device of [nurse, tablet, chief]) device.client.stopClient();
process.exit(0);
