/** Waiting until nobody waits for the screen: what is not urgent is done then, a little at a time. */

const SLICE_MS = 8;
const LATEST_MS = 2_000;

/** Return, when there is time, how long to go on: a function that tells whether the slice is over. */
export function whenIdle(): Promise<() => boolean> {
  return new Promise((resolve) => {
    const begin = (deadline?: IdleDeadline) => {
      const end = performance.now() + Math.min(SLICE_MS, Math.max(2, deadline?.timeRemaining() ?? SLICE_MS));
      resolve(() => performance.now() >= end);
    };
    // Safari has no idle time of its own.
    if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: LATEST_MS });
    else setTimeout(begin, SLICE_MS * 4);
  });
}

/** Return a function that gives way to the screen, where it has not done so for a while. */
export function breather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
