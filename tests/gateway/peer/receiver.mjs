// An MLLP receiver that nobody here wrote: says its port, then what it reads in each message, one JSON line each.
// Answers as MSH-8 asks (AA where it asks nothing). Ends with its input.
import net from "node:net";
import Server from "node-hl7-server";

// It hands its address to `listen` under a name that Node.js does not know, and would listen on every interface.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (options, ...rest) {
  return listen.call(this, { ...options, host: "127.0.0.1", port: 0 }, ...rest);
};

const inbound = new Server({ bindAddress: "127.0.0.1" }).createInbound({ port: 2575 }, async (request, response) => {
  const message = request.getMessage();
  const read = (path) => (message.exists(path) ? message.get(path).toString() : "");
  console.log(
    JSON.stringify({ control_id: read("MSH.10"), sender: read("MSH.4"), name: read("PID.5.1"), result: read("OBX.5") }),
  );
  await response.sendResponse(read("MSH.8") || "AA");
});
inbound.on("listen", () => console.log(JSON.stringify({ port: inbound._socket.address().port })));
process.stdin.on("end", () => process.exit(0)).resume();
