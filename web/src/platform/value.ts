/**
 * A value that changes and says so. State is made of these; views read them with `useValue`.
 *
 * `get` returns the same object until something has changed, so that a view is drawn again only then.
 */
export interface Value<T> {
  get(): T;
  subscribe(changed: () => void): () => void;
}

/** A value that its owner sets. */
export class Cell<T> implements Value<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private current: T) {}

  get = (): T => this.current;

  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const changed of [...this.listeners]) changed();
  }

  update(change: (current: T) => T): void {
    this.set(change(this.current));
  }

  subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };
}

/** A value computed from others, at most once for each change of theirs. */
export function derived<Source, T>(source: Value<Source>, compute: (value: Source) => T): Value<T> {
  let seen: { source: Source; result: T } | undefined;
  return {
    get: () => {
      const value = source.get();
      if (seen === undefined || !Object.is(seen.source, value)) seen = { source: value, result: compute(value) };
      return seen.result;
    },
    subscribe: source.subscribe,
  };
}
