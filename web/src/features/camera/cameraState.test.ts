import { expect, test } from "vitest";
import type { Facing } from "../../platform/camera";
import { CameraModel } from "./cameraState";

/** A camera whose every opening ends when the test says so; `running` are the streams that nobody has stopped. */
function aCamera(hasOther = true) {
  const openings: { facing: Facing; end: () => void; fail: (name: string) => void }[] = [];
  const running = new Set<string>();
  const model = new CameraModel<string>({
    open: (facing) =>
      new Promise((resolve, reject) => {
        const stream = `${facing}${openings.length}`;
        const end = () => {
          running.add(stream);
          resolve(stream);
        };
        openings.push({ facing, end, fail: (name) => reject(Object.assign(new Error(), { name })) });
      }),
    stop: (stream) => running.delete(stream),
    hasOther: async () => hasOther,
  });
  return { model, openings, running };
}

async function opened(camera: ReturnType<typeof aCamera>): Promise<void> {
  const opening = camera.model.open();
  camera.openings.at(-1)?.end();
  await opening;
}

const PICTURE = new Blob(["picture"]);

test("a camera opens at the back, and turns where there is another", async () => {
  const camera = aCamera();
  await opened(camera);
  expect(camera.model.state.get()).toMatchObject({ kind: "live", facing: "environment", canTurn: true });
  const turning = camera.model.turn();
  camera.openings.at(-1)?.end();
  await turning;
  expect(camera.model.state.get()).toMatchObject({ kind: "live", facing: "user" });
  expect(camera.running.size).toBe(1);
});

test("a picture is taken, the camera is let go, and opened again for another", async () => {
  const camera = aCamera();
  await opened(camera);
  await camera.model.take(async () => PICTURE);
  expect(camera.model.state.get()).toEqual({ kind: "taken", picture: PICTURE });
  expect(camera.running.size).toBe(0);
  await opened(camera);
  expect(camera.model.state.get().kind).toBe("live");
});

test("whoever leaves while the camera opens leaves no camera running", async () => {
  const camera = aCamera();
  const opening = camera.model.open();
  camera.model.close();
  camera.openings[0]?.end();
  await opening;
  expect(camera.running.size).toBe(0);
  expect(camera.model.state.get().kind).toBe("opening");
});

test("whoever leaves while a picture is drawn takes none", async () => {
  const camera = aCamera();
  await opened(camera);
  let finish = (_picture: Blob) => {};
  const taking = camera.model.take(() => new Promise((resolve) => (finish = resolve)));
  camera.model.close();
  finish(PICTURE);
  await taking;
  expect(camera.model.state.get().kind).toBe("opening");
});

test.each([
  ["NotAllowedError", "refused"],
  ["SecurityError", "refused"],
  ["NotFoundError", "missing"],
  ["NotReadableError", "failed"],
  ["constructor", "failed"],
])("a camera that says %s is %s", async (name, kind) => {
  const camera = aCamera();
  const opening = camera.model.open();
  camera.openings[0]?.fail(name);
  await opening;
  expect(camera.model.state.get().kind).toBe(kind);
});

test("a picture that cannot be drawn says so, and the camera is let go", async () => {
  const camera = aCamera();
  await opened(camera);
  await camera.model.take(async () => Promise.reject(new Error()));
  expect(camera.model.state.get().kind).toBe("failed");
  expect(camera.running.size).toBe(0);
});
