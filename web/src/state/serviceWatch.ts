/** Which of the hospital's systems have fallen silent, and whom to telephone instead. Asked while somebody looks. */
import type { Service, Services } from "../matrix/services";
import type { Colleague, Department, DutyRole } from "../matrix/staff";
import { Cell, type Value } from "../platform/value";

export interface SilentService {
  userId: string;
  title: string;
  minutes: number;
  phone: string | undefined;
}

/** Where the watch looks for a telephone. */
export interface Directory {
  departments(): Promise<readonly Department[]>;
  duty(departmentId?: string): Promise<readonly DutyRole[]>;
  peopleOf(departmentId: string): Promise<readonly Colleague[]>;
}

export interface WatchTools {
  ask: () => Promise<Services>;
  directory: Directory;
  serverNow: () => number | undefined;
  later: (act: () => void, ms: number) => () => void;
}

const MINUTE_MS = 60_000;
const SILENT_MS = MINUTE_MS;
const INTERVAL_MS = 20_000;
const LONGEST_MS = 5 * MINUTE_MS;
// Whoever is on duty changes; a number that was looked up is not shown all day.
const PHONE_MS = 10 * MINUTE_MS;

export class ServiceWatch {
  readonly silent: Value<readonly SilentService[]>;
  readonly linkHosts: Value<readonly string[]>;
  private readonly silentCell = new Cell<readonly SilentService[]>([]);
  private readonly hostsCell = new Cell<readonly string[]>([]);
  private readonly phones = new Map<string, { phone: string | undefined; until: number }>();
  private cancel: (() => void) | undefined;
  private isWatching = false;
  private failures = 0;

  constructor(private readonly tools: WatchTools) {
    this.silent = this.silentCell;
    this.linkHosts = this.hostsCell;
  }

  /** Begin, or go on after a pause; what was known before the pause stands until the answer comes. */
  start(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    this.failures = 0;
    this.look();
  }

  stop(): void {
    this.isWatching = false;
    this.cancel?.();
    this.cancel = undefined;
  }

  /** Look once; whatever comes of it, the next look is set. */
  private async look(): Promise<void> {
    try {
      const { services, linkHosts } = await this.tools.ask();
      this.failures = 0;
      if (JSON.stringify(linkHosts) !== JSON.stringify(this.hostsCell.get())) this.hostsCell.set(linkHosts);
      await this.tell(services);
    } catch {
      // The network says nothing about the services; what was known stands.
      this.failures += 1;
    }
    if (!this.isWatching) return;
    this.cancel?.();
    this.cancel = this.tools.later(() => this.look(), Math.min(LONGEST_MS, INTERVAL_MS * 2 ** this.failures));
  }

  private async tell(services: readonly Service[]): Promise<void> {
    const now = this.tools.serverNow();
    if (now === undefined) return;
    // A service that never was alive has not been taken into use.
    const silent = services.filter(({ lastAlive }) => lastAlive > 0 && now - lastAlive > SILENT_MS);
    const told = silent.map(async ({ userId, title, lastAlive }) => {
      const minutes = Math.floor((now - lastAlive) / MINUTE_MS);
      return { userId, title, minutes, phone: await this.phoneOf(title, now) };
    });
    this.silentCell.set(await Promise.all(told));
  }

  private async phoneOf(title: string, now: number): Promise<string | undefined> {
    const known = this.phones.get(title);
    if (known !== undefined && known.until > now) return known.phone;
    const phone = await phoneFor(title, this.tools.directory).catch(() => known?.phone);
    this.phones.set(title, { phone, until: now + PHONE_MS });
    return phone;
  }
}

/** Return the duty phone of the department with this name, else of somebody there, else of the hospital's last resort. */
export async function phoneFor(title: string, directory: Directory): Promise<string | undefined> {
  const department = (await directory.departments()).find(({ name }) => name === title);
  const own = department === undefined ? [] : await directory.duty(department.department_id);
  const onDuty = phoneIn(own.map(({ person }) => person));
  if (onDuty !== undefined || department === undefined) return onDuty ?? lastResort(await directory.duty());
  const there = phoneIn(await directory.peopleOf(department.department_id));
  return there ?? lastResort(await directory.duty());
}

function lastResort(roles: readonly DutyRole[]): string | undefined {
  return phoneIn(roles.filter(({ department_id }) => department_id === null).map(({ person }) => person));
}

function phoneIn(people: readonly (Colleague | null)[]): string | undefined {
  return people.find((person) => person !== null && person.phone !== "")?.phone;
}
