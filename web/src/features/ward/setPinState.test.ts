import { describe, expect, it, vi } from "vitest";
import { SetPinModel } from "./setPinState";

function typing(set: (pin: string) => Promise<void> = async () => undefined) {
  const done = vi.fn();
  const model = new SetPinModel("@1005:h", set, done);
  const type = (pin: string) => {
    for (const digit of pin) model.press(digit);
  };
  return { model, done, type };
}

describe("choosing a PIN", () => {
  it("is asked for twice, and set", async () => {
    const set = vi.fn(async () => undefined);
    const { model, done, type } = typing(set);
    type("271828");
    expect(model.state.get().step).toBe("again");
    type("271828");
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(set).toHaveBeenCalledWith("271828");
    expect(model.state.get()).toEqual({ step: "first", pin: "", trouble: undefined });
  });

  it("begins anew where it is guessed at once, or typed differently", () => {
    const { model, type } = typing();
    type("123456");
    expect(model.state.get()).toEqual({ step: "first", pin: "", trouble: "guessable" });
    type("271828271829");
    expect(model.state.get()).toEqual({ step: "first", pin: "", trouble: "different" });
  });

  it("says that it was not set", async () => {
    const { model, done, type } = typing(() => Promise.reject(new Error("no network")));
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    type("271828271828");
    await vi.waitFor(() => expect(model.state.get().trouble).toBe("failed"));
    expect(done).not.toHaveBeenCalled();
  });
});
