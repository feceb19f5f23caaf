import { useEffect, useState } from "react";
import { useValue } from "../../design/useValue";
import { CriticalCases } from "../../matrix/criticalCases";
import type { Session } from "../../matrix/session";
import { Bell } from "../../platform/ring";
import { derived } from "../../platform/value";
import type { Access } from "../../state/access";
import { Ringing } from "../../state/ringing";
import { StationHead } from "./StationHead";
import { StationScreen } from "./StationScreen";

interface Props {
  session: Session;
  access: Access;
  /** Whether the screen hides what the station shows. */
  isLocked: boolean;
  unlock: () => void;
}

/** A station: says that it is one, rings whether it is locked or not, and hides what it shows while it is. */
export default function Station({ session, access, isLocked, unlock }: Props) {
  const [{ found, ringing, bell }] = useState(() => stationOf(session));
  useEffect(() => {
    const stops = [found.start(), ringing.start()];
    const touched = () => ringing.touched();
    window.addEventListener("pointerdown", touched);
    return () => {
      window.removeEventListener("pointerdown", touched);
      for (const stop of stops) stop();
      bell.close();
    };
  }, [found, ringing, bell]);
  const { isSilent } = useValue(ringing.state);
  const cases = useValue(found.cases);
  const name = session.client.getUser(session.client.getSafeUserId())?.displayName ?? "";
  const isReachable = useValue(session.connection) !== "offline";
  if (!isLocked) return <StationHead name={name} critical={cases.length} />;
  return <StationScreen {...{ name, cases, isReachable, isSilent, access, unlock }} />;
}

function stationOf(session: Session) {
  const [found, bell] = [new CriticalCases(session.client), new Bell()];
  const count = derived(found.cases, (cases) => cases.length);
  return { found, bell, ringing: new Ringing(count, () => bell.ring()) };
}
