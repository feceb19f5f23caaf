import { useCallback, useState } from "react";
import { useValue } from "../../design/useValue";
import type { Session } from "../../matrix/session";
import { AskedNote } from "./AskedNote";
import { BindNote } from "./BindNote";
import { CardOffer } from "./CardOffer";
import type { Owner } from "./CardView";
import { UnlockNote } from "./UnlockNote";
import { UnlockModel } from "./unlockState";

/** What there is to say about the person's keys above every page: one thing at a time, and mostly nothing. */
export function KeysNotes({ session }: { session: Session }) {
  const { keys, ownDevices } = session;
  const [model] = useState(() => new UnlockModel(keys));
  const ask = useCallback(() => ownDevices.ask(), [ownDevices]);
  const openedByDevice = useCallback(() => keys.unlockedByDevice(), [keys]);
  const state = useValue(keys.state);
  const isOffline = useValue(session.connection) === "offline";
  const isAsked = useValue(ownDevices.asking) !== undefined;
  const isBindWanted = useValue(keys.wantsPassword);
  // Nothing of this can be done before the network is back.
  if (isOffline || state === "opening") return null;
  if (state === "locked") return <UnlockNote model={model} ask={ask} openedByDevice={openedByDevice} />;
  if (isAsked) return <AskedNote devices={ownDevices} />;
  if (isBindWanted) return <BindNote keys={keys} />;
  return <CardOffer keys={keys} owner={ownerOf(session)} />;
}

export function ownerOf({ client }: Session): Owner {
  const userId = client.getSafeUserId();
  const name = client.getUser(userId)?.displayName ?? userId;
  return { hospital: client.getDomain() ?? "", name, number: client.getUserIdLocalpart() ?? userId };
}
