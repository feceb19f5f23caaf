import { IDBFactory } from "fake-indexeddb";
import { expect, it } from "vitest";
import { Records } from "../platform/records";
import { deleteStores } from "./stores";

it("deletes all of one person's databases and nobody else's", async () => {
  const factory = new IDBFactory();
  const names = ["matrix-js-sdk:myelin-@1:h", "myelin-@1:h::matrix-sdk-crypto", "myelin-@11:h-drafts", "myelin-people"];
  for (const name of names) await new Records<number>(factory, name).put("x", 1);
  await deleteStores(factory, "@1:h");
  const left = (await factory.databases()).map(({ name }) => name);
  expect(left.sort()).toEqual(["myelin-@11:h-drafts", "myelin-people"]);
});
