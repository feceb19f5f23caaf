/** The hospital's services: whether they are alive, and where their cards may lead. Plain REST, no SDK. */
import type { ServerClock } from "../platform/serverClock";
import { asRecord, cleaned, recordIn, textsIn, timeOf } from "./content";
import { ask } from "./homeserver";

export interface Service {
  userId: string;
  title: string;
  /** By the server's clock; 0 where it never was. */
  lastAlive: number;
}

export interface Services {
  services: readonly Service[];
  linkHosts: readonly string[];
}

/** Ask for the services; the clock learns from the answer. */
export async function askForServices(
  homeserver: string,
  accessToken: string | null,
  clock: ServerClock,
  localNow: () => number,
): Promise<Services> {
  const askedAt = localNow();
  const answer = await ask<unknown>(homeserver, {
    method: "GET",
    path: "/_myelin/v1/services",
    dated: (date) => clock.learn(date, askedAt),
    ...(accessToken === null ? {} : { accessToken }),
  });
  const { services } = asRecord(answer) ?? {};
  return {
    services: Array.isArray(services) ? services.map(serviceFrom) : [],
    linkHosts: textsIn(recordIn({ answer }, "answer"), "link_hosts"),
  };
}

function serviceFrom(value: unknown): Service {
  const { user_id, title, last_alive } = asRecord(value) ?? {};
  return { userId: cleaned(user_id), title: cleaned(title), lastAlive: timeOf(last_alive) };
}
