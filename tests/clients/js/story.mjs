// 王护士 and 李医生 talk; 李医生 signs in on a second device and gets the past back by the recovery key.
//
// Reads {"nurse": account, "doctor": account} on standard input and writes one JSON object a line, each with its `step`.
// What the steps must say is asserted by test_story.py.

import { people, tell } from "./stage.mjs";

const { Device, until } = await import("./device.mjs");

const MESSAGES_EACH = 12;

const nurse = await Device.signIn(people.nurse, "nurse's phone");
const doctor = await Device.signIn(people.doctor, "doctor's phone");

for (const device of [nurse, doctor]) {
  await device.bootstrap();
  tell("set up", { user_id: device.account.user_id, ...(await device.trust()) });
}

const roomId = await nurse.createRoom(doctor);
await doctor.join(roomId);
for (const device of [nurse, doctor]) {
  await until(`${device.name} sees the room`, () => device.isReadyToTalk(roomId, 2));
}
tell("trust", { nurse_sees: await nurse.seesAsSigned(doctor), doctor_sees: await doctor.seesAsSigned(nurse) });

for (let number = 1; number <= MESSAGES_EACH; number++) {
  await nurse.say(roomId, `report ${number}`);
  await doctor.say(roomId, `order ${number}`);
}
for (const device of [nurse, doctor]) {
  tell("conversation", { user_id: device.account.user_id, messages: await device.reads(roomId, 2 * MESSAGES_EACH) });
}

tell("backed up", { sessions: await until("both sessions are backed up", () => doctor.backedUp(2)) });

const tablet = await Device.signIn(people.doctor, "doctor's tablet");
await until("the tablet sees the room", () => tablet.isReadyToTalk(roomId, 2));
tell("before recovery", { messages: await tablet.read(roomId), signed: await nurse.seesAsSigned(tablet) });

const restored = await tablet.recover(doctor.recoveryKey);
tell("recovered", { imported: restored.imported, total: restored.total, ...(await tablet.trust()) });
tell("after recovery", {
  messages: await tablet.reads(roomId, 2 * MESSAGES_EACH),
  signed: await until("the nurse sees the tablet signed", () => nurse.seesAsSigned(tablet)),
});

await tablet.say(roomId, "from the tablet");
await nurse.reads(roomId, 2 * MESSAGES_EACH + 1);
await nurse.say(roomId, "to both devices");
for (const device of [nurse, doctor, tablet]) {
  tell("at the end", { device: device.name, messages: await device.reads(roomId, 2 * MESSAGES_EACH + 2) });
}

for (const device of [nurse, doctor, tablet]) device.client.stopClient();
process.exit(0);
