import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Locks, SoleTab } from "./soleTab";

/** The locks of a browser, for one name. */
class FakeLocks implements Locks {
  private held: { end: (fault: Error) => void } | undefined;
  private line: { go: () => void }[] = [];

  request(_name: string, { signal, steal }: LockOptions, held: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        go: () => {
          const mine = { end: reject };
          this.held = mine;
          held().then(() => {
            resolve();
            if (this.held === mine) this.next();
          });
        },
      };
      signal?.addEventListener("abort", () => {
        this.line = this.line.filter((other) => other !== entry);
        reject(new Error("left the line"));
      });
      if (steal) {
        this.held?.end(new Error("stolen"));
        entry.go();
      } else if (this.held === undefined) entry.go();
      else this.line.push(entry);
    });
  }

  /** What the browser does when a tab has crashed. */
  next(): void {
    this.held = undefined;
    this.line.shift()?.go();
  }
}

class FakeBrowser {
  readonly locks = new FakeLocks();
  private readonly hearers: ((event: { data: unknown }) => void)[] = [];

  open(stop: () => Promise<void> = async () => undefined): SoleTab {
    const own: ((event: { data: unknown }) => void)[] = [];
    const channel = {
      postMessage: (data: unknown) => {
        for (const hear of this.hearers) if (!own.includes(hear)) hear({ data });
      },
      addEventListener: (_type: "message", hear: (event: { data: unknown }) => void) => {
        own.push(hear);
        this.hearers.push(hear);
      },
    };
    const tab = new SoleTab(this.locks, channel, stop);
    tab.start();
    return tab;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function passing(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

const statesOf = (...tabs: SoleTab[]) => tabs.map((tab) => tab.state.get());

test("the first tab works, and the second says that it is open elsewhere", async () => {
  const browser = new FakeBrowser();
  const first = browser.open();
  const second = browser.open();
  expect(statesOf(first, second)).toEqual(["here", "waiting"]);
  await passing(300);
  expect(statesOf(first, second)).toEqual(["here", "elsewhere"]);
});

test("whoever takes over begins only after the other has stopped", async () => {
  const browser = new FakeBrowser();
  let stopped = () => {};
  const first = browser.open(() => new Promise((resolve) => (stopped = resolve)));
  const second = browser.open();
  second.takeOver();
  await passing(300);
  expect(statesOf(first, second)).toEqual(["elsewhere", "elsewhere"]);
  stopped();
  await passing(0);
  expect(statesOf(first, second)).toEqual(["elsewhere", "here"]);
});

test("of three tabs the one that asked gets it, and the first can take it back", async () => {
  const browser = new FakeBrowser();
  const tabs = [browser.open(), browser.open(), browser.open()] as const;
  await passing(300);
  tabs[2].takeOver();
  await passing(0);
  expect(statesOf(...tabs)).toEqual(["elsewhere", "elsewhere", "here"]);
  tabs[0].takeOver();
  await passing(10_000);
  expect(statesOf(...tabs)).toEqual(["here", "elsewhere", "elsewhere"]);
});

test("when a tab crashes the next goes on by itself", async () => {
  const browser = new FakeBrowser();
  browser.open();
  const second = browser.open();
  await passing(300);
  browser.locks.next();
  expect(second.state.get()).toBe("here");
});

test("a tab that does not answer is not waited for, and stops when it awakes", async () => {
  const browser = new FakeBrowser();
  const stop = vi.fn(() => new Promise<void>(() => undefined));
  const first = browser.open(stop);
  const second = browser.open();
  second.takeOver();
  await passing(4_999);
  expect(second.state.get()).toBe("elsewhere");
  await passing(1);
  expect(statesOf(first, second)).toEqual(["elsewhere", "here"]);
  expect(stop).toHaveBeenCalledOnce();
});
