// An MLLP sender that nobody here wrote: sends what it is told to and says what it was answered, one JSON line each.
// Input: {port, tls?: {ca, cert, key}, messages: [text], built: [[fields of PID-5, fields of OBX-5]]}
import { readFileSync } from "node:fs";
import { Batch, Client, Message } from "node-hl7-client";
import { HL7_2_5_1 } from "node-hl7-client/hl7";

const { port, tls, messages, built } = JSON.parse(readFileSync(0, "utf8"));
const files = tls && Object.fromEntries(Object.entries(tls).map(([name, path]) => [name, readFileSync(path)]));

const client = new Client({ host: "127.0.0.1", ...(files ? { tls: files } : {}) });
let heard;
const connection = client.createConnection({ port }, async (response) => {
  const message = response.getMessage();
  const read = (path) => (message.exists(path) ? message.get(path).toString() : "");
  heard({
    code: read("MSA.1"),
    control_id: read("MSA.2"),
    text: read("MSA.3"),
    type: read("MSH.9.1"),
    receiver: read("MSH.6"),
  });
});

async function send(message) {
  const answered = new Promise((resolve) => (heard = resolve));
  await connection.sendMessage(message);
  console.log(JSON.stringify(await answered));
}

function build(controlId, name, result) {
  const message = new Message({
    specification: new HL7_2_5_1(),
    messageHeader: { msh_9_1: "ORU", msh_9_2: "R01", msh_9_3: "ORU_R01", msh_10: controlId, msh_11_1: "P" },
  });
  message.set("MSH.4", "检验科");
  const person = message.addSegment("PID");
  person.set("3", "P1");
  person.set("5", name);
  const observation = message.addSegment("OBX");
  observation.set("2", "TX");
  observation.set("5", result);
  return message;
}

for (const text of messages) await send(new Message({ text }));
for (const [place, [name, result]] of built.entries()) await send(build(`B${place}`, name, result));
if (built.length > 1) {
  const batch = new Batch();
  batch.start();
  for (const [place, [name, result]] of built.entries()) batch.add(build(`C${place}`, name, result));
  batch.end();
  await send(batch);
}
await connection.close();
process.exit(0);
