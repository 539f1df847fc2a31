// What the tests of Studio share: programs that end with the test, the control socket, raw HTTP.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Start a program and wait for its first line. @returns { pid, line, stdout(), stderr(), closed, end() } */
export async function start(program, ...args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let text = "";
  let errors = "";
  child.stderr.on("data", (data) => (errors += data));
  const closed = once(child, "close").then(([code]) => (running.delete(child), code));
  const line = await new Promise((resolve) => {
    child.stdout.on("data", (data) => {
      text += data;
      if (text.includes("\n")) resolve(text.split("\n")[0]);
    });
    closed.then(() => resolve(null));
  });
  return {
    pid: child.pid,
    line,
    stdout: () => text,
    stderr: () => errors,
    closed,
    /** @returns the exit code; null for a signal */
    end(signal = "SIGTERM") {
      child.kill(signal);
      return closed;
    },
  };
}

/** One request to the camera over a connection of its own. */
export function ask(socketPath, request) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = net.connect(socketPath, () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data;
      if (!text.includes("\n")) return;
      socket.destroy();
      resolve(JSON.parse(text));
    });
  });
}

/** Until test() is true; it is asked again and again. */
export async function until(what, test, ms = 15000) {
  const end = Date.now() + ms;
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @returns { status, headers, body } */
export function get(port, path, headers = {}, method = "GET") {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path, headers, method, agent: false });
    request.on("error", reject);
    request.on("response", async (response) => {
      let body = "";
      for await (const piece of response) body += piece;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    request.end();
  });
}

/** Ask for a WebSocket. @returns { status, socket } */
export function upgrade(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path, agent: false, headers: {
      Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"), ...headers } });
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode });
    });
    request.on("upgrade", (response, socket, head) => {
      if (head.length) socket.unshift(head); // what came together with the answer
      resolve({ status: response.statusCode, socket });
    });
    request.end();
  });
}

/** A WebSocket frame from the client's side. */
export function frame(payload, { opcode = 1, isLast = true } = {}) {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65536 ? 4 : 10);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  if (head.length === 2) head[1] = 0x80 | bytes.length;
  else if (head.length === 4) (head[1] = 0xfe), head.writeUInt16BE(bytes.length, 2);
  else (head[1] = 0xff), head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, Buffer.alloc(4), bytes]); // the mask is 0: it changes nothing
}

/** A page without a browser. @returns { socket, texts, pictures, say(message), isClosed } */
export async function openPage(port, path) {
  const { status, socket } = await upgrade(port, path);
  if (status !== 101) throw new Error(`no WebSocket: ${status}`);
  const page = { socket, texts: [], pictures: 0, isClosed: false };
  let waiting = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("close", () => (page.isClosed = true));
  socket.on("data", (data) => {
    waiting = Buffer.concat([waiting, data]);
    while (waiting.length >= 2) {
      const short = waiting[1] & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (waiting.length < head) return;
      const length = short < 126 ? short
        : short === 126 ? waiting.readUInt16BE(2) : Number(waiting.readBigUInt64BE(2));
      if (waiting.length < head + length) return;
      const opcode = waiting[0] & 15;
      if (opcode === 1) page.texts.push(JSON.parse(waiting.subarray(head, head + length)));
      if (opcode === 2) page.pictures++;
      waiting = waiting.subarray(head + length);
    }
  });
  page.say = (message) => socket.write(frame(JSON.stringify(message)));
  return page;
}

const tests = [];
export const test = (name, run) => tests.push({ name, run });

/** Run them in order, in TAP. */
export async function runTests() {
  let failed = 0;
  for (const [i, { name, run }] of tests.entries()) {
    try {
      await run();
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(String(error.stack).replace(/^/gm, "# "));
      console.log(`not ok ${i + 1} - ${name}`);
    }
  }
  console.log(`1..${tests.length}`);
  return failed;
}
