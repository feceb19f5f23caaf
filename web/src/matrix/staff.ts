/** The hospital's directory and who is on duty, as the server tells them; plain REST, no SDK. */
import { ask } from "./homeserver";

export interface Department {
  department_id: string;
  parent_id: string | null;
  name: string;
  path: string;
  people: number;
  people_below: number;
}

export interface Colleague {
  user_id: string;
  employee_number: string;
  name: string;
  department: string;
  title: string;
  profession: string;
  display_name: string;
  phone: string;
}

export interface DutyRole {
  role: string;
  department_id: string | null;
  department: string | null;
  person: Colleague | null;
  until: number | null;
  fallback: boolean;
  answering_role: string | null;
}

const DIRECTORY = "/_myelin/v1/directory";
const LIST_LIMIT = 200;
const SEARCH_LIMIT = 50;

export class Staff {
  constructor(
    private readonly homeserver: string,
    private readonly accessToken: () => string | null,
  ) {}

  async departments(): Promise<readonly Department[]> {
    return (await this.get<{ departments: Department[] }>(`${DIRECTORY}/departments`)).departments;
  }

  async peopleOf(departmentId: string): Promise<readonly Colleague[]> {
    return this.people(new URLSearchParams({ department: departmentId, limit: String(LIST_LIMIT) }));
  }

  async found(term: string): Promise<readonly Colleague[]> {
    return this.people(new URLSearchParams({ search: term, limit: String(SEARCH_LIMIT) }));
  }

  async colleague(userId: string): Promise<Colleague> {
    return this.get(`${DIRECTORY}/people/${encodeURIComponent(userId)}`);
  }

  async duty(departmentId?: string): Promise<readonly DutyRole[]> {
    const query = departmentId === undefined ? "" : `?${new URLSearchParams({ department: departmentId })}`;
    return (await this.get<{ roles: DutyRole[] }>(`/_myelin/v1/duty${query}`)).roles;
  }

  /** People of a room's department who are not in it, since they have not signed in on any device yet. */
  async notYetReachable(roomId: string): Promise<readonly string[]> {
    const path = `/_myelin/v1/rooms/${encodeURIComponent(roomId)}/reachability`;
    return (await this.get<{ not_yet_reachable: string[] }>(path)).not_yet_reachable;
  }

  private async people(query: URLSearchParams): Promise<readonly Colleague[]> {
    return (await this.get<{ people: Colleague[] }>(`${DIRECTORY}/people?${query}`)).people;
  }

  private get<Answer>(path: string): Promise<Answer> {
    const accessToken = this.accessToken();
    return ask(this.homeserver, { method: "GET", path, ...(accessToken === null ? {} : { accessToken }) });
  }
}
