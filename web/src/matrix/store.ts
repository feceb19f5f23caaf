/** The SDK's store, but for what is pending: what is to be sent is the outbox's alone, and nothing of it lies open. */
import { IndexedDBStore } from "matrix-js-sdk";

export class Store extends IndexedDBStore {
  override async getPendingEvents() {
    return [];
  }

  override async setPendingEvents() {}
}
