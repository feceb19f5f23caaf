import { expect, test, vi } from "vitest";
import { Refused } from "../matrix/homeserver";
import { ClosedRinging, type PushTools } from "./closedRinging";

const wording = { title: "Myelin", body: "有新消息", shows_sender: true };
const service = { public_key: "key", url: "https://im.example/notify", hosts: ["push.example"] };
const subscription = { endpoint: "https://push.example/1", p256dh: "p", auth: "a" };

function around(tools: Partial<PushTools>) {
  const all: PushTools = {
    permission: () => "granted",
    reach: () => "possible",
    service: async () => service,
    subscribe: async () => subscription,
    unsubscribe: vi.fn(async () => subscription),
    setPusher: vi.fn(async () => undefined),
    removePusher: vi.fn(async () => undefined),
    ...tools,
  };
  return { ringing: new ClosedRinging(all), tools: all };
}

test("a device that is subscribed rings, with the words that were chosen", async () => {
  const { ringing, tools } = around({});
  await ringing.want(true, wording);
  expect(ringing.state.get()).toBe("rings");
  expect(tools.setPusher).toHaveBeenCalledWith(service, subscription, wording);
});

test.each<[string, Partial<PushTools>]>([
  ["needsInstalling", { reach: () => "needsInstalling" }],
  ["noWorker", { reach: () => "noWorker" }],
  ["notOffered", { service: async () => ({ ...service, hosts: [] }) }],
  ["noPermission", { permission: () => "denied" }],
  ["notReachable", { subscribe: () => Promise.reject(new Error("push service error")) }],
  ["notOffered", { setPusher: () => Promise.reject(new Refused(400, "M_INVALID_PARAM", "", undefined)) }],
  ["failed", { service: () => Promise.reject(new Error("no network")) }],
])("%s is said", async (state, tools) => {
  const { ringing } = around(tools);
  await ringing.want(true, wording);
  expect(ringing.state.get()).toBe(state);
});

test("whoever wants it no more is subscribed nowhere, and the server knows", async () => {
  const { ringing, tools } = around({});
  await ringing.want(false, wording);
  expect(ringing.state.get()).toBe("off");
  expect(tools.unsubscribe).toHaveBeenCalledOnce();
  expect(tools.removePusher).toHaveBeenCalledWith("p");
});
