/** The search of a session: sealed by the device's key, fed by what arrives. Loaded when the first screen is there. */
import { whenIdle } from "../platform/idle";
import { SealedRecords } from "../platform/sealedRecords";
import { type Learner, SearchFeed } from "./searchFeed";
import type { Session } from "./session";

/** The places of the search on this device; whoever signs out wipes them by the beginning of their name. */
export function searchRecords({ client, storeKey }: Session): SealedRecords {
  return new SealedRecords(indexedDB, `myelin-${client.getSafeUserId()}-search`, storeKey);
}

export function openFeed({ client }: Session, learner: Learner): SearchFeed {
  const feed = new SearchFeed(client, learner, whenIdle);
  feed.start();
  return feed;
}
