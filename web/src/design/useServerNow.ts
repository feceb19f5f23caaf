import { useEffect, useState } from "react";
import type { ServerClock } from "../platform/serverClock";

/** The server's time, drawn anew so often; nothing before the server has told it. */
export function useServerNow(clock: ServerClock, everyMs: number | undefined): number | undefined {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    setNow(clock.now());
    if (everyMs === undefined) return;
    const timer = setInterval(() => setNow(clock.now()), everyMs);
    return () => clearInterval(timer);
  }, [clock, everyMs]);
  return now;
}
