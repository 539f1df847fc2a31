// Studio with cameras and pages that misbehave: node studio_faults.mjs PROGRAMS
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, get, openPage, runTests, start, test, until } from "./studio_tools.mjs";

const [programs] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "studio-"));
const socketPath = join(folder, "lunette.sock");
const query = "/?token=faults";
const studio = await start(join(programs, "studio-alone"), socketPath, "0", "faults");
assert.ok(studio.line, studio.stderr());
const port = Number(new URL(studio.line).port);

/** A camera that treats each connection so, until Studio has come back `times`. */
async function beCamera(treat, times) {
  let connections = 0;
  const open = new Set();
  const server = net.createServer((socket) => {
    connections++;
    open.add(socket);
    socket.on("error", () => {});
    treat(socket);
  });
  server.listen(socketPath);
  await once(server, "listening");
  try {
    await until(`Studio connected ${times} times`, () => connections >= times);
  } finally {
    server.close();
    open.forEach((socket) => socket.destroy());
  }
  await once(server, "close");
}

/** Answers each request by its verb, from a table, and hangs up after the last. */
const answerBy = (answers) => (socket) => {
  let text = "";
  socket.on("data", (data) => {
    text += data;
    for (let end; (end = text.indexOf("\n")) >= 0; text = text.slice(end + 1)) {
      const { do: verb } = JSON.parse(text.slice(0, end));
      socket.write(`${JSON.stringify(answers[verb] ?? { ok: true })}\n`);
      if (verb === "params" || verb === "frame") socket.end();
    }
  });
};

async function assertServes() {
  assert.equal((await get(port, query)).status, 200);
}

const watcher = await openPage(port, query);
watcher.say({ do: "look", on: true });

test("without a camera the page is served and told so", async () => {
  await assertServes();
  await until("it is told", () => watcher.texts.length > 0);
  assert.deepEqual(watcher.texts[0], { push: "camera", live: false });
  watcher.say({ do: "set", id: 1, values: { a: 1 } });
  await until("it is answered", () => watcher.texts.some((text) => text.answer === 1));
  assert.deepEqual(watcher.texts.find((text) => text.answer === 1),
    { answer: 1, ok: false, error: { code: "io", message: "the camera is not running" } });
});

test("a camera that hangs up at once is tried again", async () => {
  await beCamera((socket) => socket.destroy(), 4);
  await assertServes();
});

test("a camera that speaks nonsense is left and tried again", async () => {
  await beCamera((socket) => socket.write("this is not JSON\n"), 4);
  await beCamera((socket) => socket.write("[1,2,3]\n7\nnull\n"), 4);
  await beCamera((socket) => socket.write(Buffer.alloc(3 << 20, "x")), 4);
  await assertServes();
});

test("answers that nobody asked for are ignored", async () => {
  const before = watcher.texts.length;
  await beCamera((socket) => {
    socket.write("{\"ok\":true}\n".repeat(500));
    socket.write("{\"event\":\"error\",\"error\":7}\n{\"event\":7}\n{\"event\":\"unheard-of\"}\n");
    socket.end();
  }, 4);
  await assertServes();
  assert.ok(watcher.texts.slice(before).every((text) => text.push === "camera" ||
    text.push in { status: 1, scenes: 1, params: 1 }));
});

test("answers of the wrong shape do no harm", async () => {
  for (const value of [7, null, "text", [], {}, [7], [null], [{ name: 7, kind: [] }]]) {
    const frames = { ok: true, serial: value, format: value };
    await beCamera(answerBy({ status: { ok: true, status: value, last_error: value, format: value },
        scenes: { ok: true, scenes: value }, params: { ok: true, params: value, scene: value },
        frame: frames }), 4);
  }
  await assertServes();
  assert.equal(watcher.isClosed, false);
});

test("frames without memory are refused, and the camera is not hurried", async () => {
  let frames = 0;
  const format = { pixel: "nv12", width: 8192, height: 8192, fps_num: 30, fps_den: 1,
    matrix: "bt601", range: "limited" };
  const open = new Set();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const line of String(data).split("\n").slice(0, -1))
        if (JSON.parse(line).do === "frame") {
          frames++;
          socket.write(`${JSON.stringify({ ok: true, serial: frames, number: 1, size_bytes: 1e8,
            format })}\n`);
        } else {
          socket.write("{\"ok\":true}\n");
        }
    });
  });
  server.listen(socketPath);
  const began = Date.now();
  await until("three were asked for", () => frames >= 3);
  assert.ok(Date.now() - began >= 1900, "a second lies between two");
  assert.match(studio.stderr(), /no preview: the camera sent a frame without its memory/);
  assert.equal(watcher.pictures, 0);
  server.close();
  open.forEach((socket) => socket.destroy());
  await assertServes();
});

test("after all that a good camera is welcome; a page that does not read loses pictures, not the others theirs", async () => {
  rmSync(socketPath, { force: true });
  const camera = await start(join(programs, "fake-camera"), socketPath, "bgra", "1280x720");
  assert.equal(camera.line, "ready", camera.stderr());
  const deaf = await openPage(port, query);
  deaf.socket.pause();
  deaf.say({ do: "look", on: true });
  for (let i = 0; i < 200; i++) deaf.say({ do: "nothing", id: "x".repeat(1000) });
  watcher.say({ do: "look", on: true });
  await until("the other page sees forty pictures", () => watcher.pictures >= 40, 30000);
  deaf.socket.destroy();
  const { ok } = await ask(socketPath, { do: "status" });
  assert.equal(ok, true);
  assert.equal(await camera.end(), 0, camera.stderr());
});

test("a page that floods and never reads is closed", async () => {
  const flood = await openPage(port, query);
  flood.socket.pause();
  const piece = "y".repeat(100 * 1024);
  let isGone = false;
  flood.socket.on("error", () => (isGone = true));
  await until("Studio closed it", () => {
    if (!isGone && flood.socket.writableLength < 1 << 20) flood.say({ do: "x", id: piece });
    return isGone || flood.isClosed || flood.socket.destroyed;
  }, 30000);
  await assertServes();
});

test("connections that say nothing do not keep others out", async () => {
  const idle = [];
  for (let i = 0; i < 20; i++) {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\nHost: ");
    idle.push(socket);
  }
  await assertServes();
  idle.forEach((socket) => socket.destroy());
});

test("Studio ends cleanly", async () => {
  assert.equal(await studio.end(), 0, studio.stderr());
  await until("its pages are closed", () => watcher.isClosed);
});

const failed = await runTests();
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
