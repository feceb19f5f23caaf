import { useSyncExternalStore } from "react";
import type { Value } from "../platform/value";

/** The bridge from state to views. */
export function useValue<T>(value: Value<T>): T {
  return useSyncExternalStore(value.subscribe, value.get);
}
