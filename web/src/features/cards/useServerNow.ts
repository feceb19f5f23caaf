import { useEffect, useState } from "react";
import type { ServerClock } from "../../platform/serverClock";

const SECOND_MS = 1_000;

/** The server's time, drawn anew each second while something moves with it. */
export function useServerNow(clock: ServerClock, isMoving: boolean): number | undefined {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    setNow(clock.now());
    if (!isMoving) return;
    const timer = setInterval(() => setNow(clock.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [clock, isMoving]);
  return now;
}
