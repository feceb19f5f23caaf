/** What the SDK needs of newer browsers than the oldest that hospitals are promised; loaded before everything else. */

interface Settled<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}

/** `Promise.withResolvers`: Chromium 119, Safari 17.4. */
export function withResolvers<T>(this: PromiseConstructor): Settled<T> {
  const made = {} as Settled<T>;
  made.promise = new this<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

if (!("withResolvers" in Promise)) Object.assign(Promise, { withResolvers });
