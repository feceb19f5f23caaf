import { afterEach, expect, test, vi } from "vitest";
import { linkIn } from "./signInLink";
import { SignInModel } from "./signInState";

afterEach(() => vi.unstubAllGlobals());

const LINK = { token: "abc-_1", password: "for everybody" };

test("a link is a token and the password that opens the secrets", () => {
  expect(linkIn("/enter/abc-_1?password=for+everybody")).toEqual(LINK);
  for (const other of ["/", "/rooms", "/enter/", "/enter/abc", "/enter/a/b?password=x", "/enter/%2e%2e?password=x"]) {
    expect(linkIn(other)).toBeUndefined();
  }
});

function answering(status: number, answer: unknown) {
  const asked = vi.fn(async () => ({ ok: status === 200, status, json: async () => answer }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

test("the token is exchanged once, however often the page is drawn", async () => {
  const asked = answering(200, { user_id: "@1005:h", device_id: "D", access_token: "t" });
  const signedIn = vi.fn();
  const model = new SignInModel("http://h", "Chrome", signedIn);
  await Promise.all([model.enter(LINK), model.enter(LINK)]);
  expect(asked).toHaveBeenCalledOnce();
  const credentials = { homeserver: "http://h", userId: "@1005:h", deviceId: "D", accessToken: "t" };
  expect(signedIn).toHaveBeenCalledWith({ credentials, password: LINK.password });
  expect(model.state.get().isWorking).toBe(false);
});

test("a link that was used says so, and leaves the form", async () => {
  answering(403, { errcode: "M_FORBIDDEN" });
  const model = new SignInModel("http://h", "Chrome", vi.fn());
  await model.enter(LINK);
  expect(model.state.get()).toEqual({ isWorking: false, isByLink: false, trouble: { kind: "usedLink" } });
});

test("where no links are made, it is the link that does not work", async () => {
  answering(400, { errcode: "M_UNKNOWN" });
  const model = new SignInModel("http://h", "Chrome", vi.fn());
  await model.enter(LINK);
  expect(model.state.get().trouble).toEqual({ kind: "usedLink" });
});
