// Studio in a real browser: node studio.mjs PROGRAMS CHROMIUM
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import net from "node:net";
import { join } from "node:path";
import { field, fieldBox, openBrowser } from "./studio_browser.mjs";
import { ask, frame, get, runTests, start, test, until, upgrade } from "./studio_tools.mjs";

const [programs, executablePath] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "studio-"));
const socketPath = join(folder, "lunette.sock");
const token = "a-token-of-the-test";

const startCamera = () => start(join(programs, "fake-camera"), socketPath, "nv12", "640x360");
let camera = await startCamera();
assert.equal(camera.line, "ready", camera.stderr());
const studio = await start(join(programs, "studio-alone"), socketPath, "0", token);
assert.ok(studio.line, studio.stderr());
const port = Number(new URL(studio.line).port);
const query = `/?token=${token}`;
const cookie = `lunette_${port}=${token}`;

const browser = await openBrowser(executablePath);
const { complaints } = browser;
const open = () => browser.newPage(`http://127.0.0.1:${port}${query}`);

/** Wait until the middle of the picture has this colour, as far as JPEG keeps it. */
function waitForColour(page, colour) {
  const want = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return page.waitForFunction((rgb) => {
    const canvas = document.getElementById("picture");
    if (!document.getElementById("veil").hidden) return false;
    const got = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data;
    return rgb.every((value, i) => Math.abs(value - got[i]) <= 4);
  }, want);
}

const status = () => ask(socketPath, { do: "status" });
const send = (event, data = null) => ask(socketPath, { do: "send", event, data });
async function valueOf(name) {
  const { params } = await ask(socketPath, { do: "params" });
  return params.find((param) => param.name === name)?.value;
}

let page;

test("who has no token is refused with a sentence", async () => {
  const answer = await get(port, "/");
  assert.equal(answer.status, 403);
  assert.match(answer.body, /Open the address that Lunette printed/);
  assert.equal((await get(port, "/app.js")).status, 403);
  assert.equal((await get(port, "/nothing")).status, 403);
  assert.equal((await get(port, "/?token=a-token-of-the-tesT")).status, 403);
  assert.equal((await get(port, `/?token=${token}x`)).status, 403);
  assert.equal((await get(port, "/?token=")).status, 403);
  assert.equal((await upgrade(port, "/")).status, 403);
  assert.equal((await upgrade(port, "/?token=wrong")).status, 403);
});

test("the token opens the page and sets a cookie that opens the rest", async () => {
  const first = await get(port, query);
  assert.equal(first.status, 200);
  const [set] = first.headers["set-cookie"];
  assert.match(set, /; HttpOnly(;|$)/);
  assert.match(set, /; SameSite=Strict(;|$)/);
  const answer = await get(port, "/app.js", { Cookie: `other=1; ${set.split(";")[0]}` });
  assert.equal(answer.status, 200);
  assert.match(answer.headers["content-type"], /^text\/javascript/);
  assert.equal((await get(port, "/app.js", { Cookie: `lunette_1=${token}` })).status, 403);
  assert.equal((await get(port, "/app.js", { Cookie: `x${cookie}` })).status, 403);
  assert.equal((await get(port, "/../studio.c", { Cookie: cookie })).status, 404);
  assert.equal((await get(port, query, {}, "POST")).status, 405);
});

test("answers carry headers that keep other sites out", async () => {
  const { headers } = await get(port, query);
  assert.match(headers["content-security-policy"], /default-src 'none'/);
  assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
  assert.doesNotMatch(headers["content-security-policy"], /unsafe|\*/);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["access-control-allow-origin"], undefined);
});

test("a foreign host or origin is refused even with the token", async () => {
  for (const Host of [`evil.example:${port}`, "127.0.0.1", `127.0.0.1:${port}.evil.example`])
    assert.equal((await get(port, query, { Host })).status, 403, Host);
  assert.equal((await get(port, query, { Host: `localhost:${port}` })).status, 200);
  for (const Origin of ["https://evil.example", "null", `http://127.0.0.1:${port + 1}`,
    `https://127.0.0.1:${port}`]) {
    assert.equal((await get(port, query, { Origin })).status, 403, Origin);
    assert.equal((await upgrade(port, query, { Origin })).status, 403, Origin);
  }
  const mine = await upgrade(port, query, { Origin: `http://127.0.0.1:${port}` });
  assert.equal(mine.status, 101);
  mine.socket.destroy();
});

test("Studio listens on 127.0.0.1 and nowhere else", async () => {
  const error = await new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.2", port }, () => resolve(null));
    socket.on("error", resolve);
  });
  assert.equal(error?.code, "ECONNREFUSED");
});

test("a port in use is an error with a sentence", async () => {
  const second = await start(join(programs, "studio-alone"), socketPath, String(port));
  assert.equal(second.line, null);
  assert.equal(await second.closed, 1);
  assert.match(second.stderr(), new RegExp(`^studio-alone: 6: port ${port} is in use: another`));
});

test("broken and hostile messages do no harm", async () => {
  const closes = async (bytes) => {
    const { socket } = await upgrade(port, query);
    const end = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    socket.on("data", () => {});
    for (const piece of bytes) socket.write(piece);
    await end;
  };
  const long = "x".repeat(200 * 1024);
  await closes([frame(long, { isLast: false }), frame(long, { opcode: 0 })]);
  await closes([frame("binary", { opcode: 2 })]);
  const { socket } = await upgrade(port, query);
  let heard = "";
  socket.on("data", (data) => (heard += data.toString("latin1")));
  for (const text of ["", "nonsense", "[]", "{}", "{\"do\":7}", "null", "{\"do\":\"status\"}",
    "{\"do\":\"frame\",\"id\":[1]}", "{\"do\":\"watch\",\"id\":{}}", "\0", "[".repeat(5000)])
    socket.write(frame(text));
  socket.write(frame("{\"do\":\"set\",", { isLast: false }));
  socket.write(frame("\"values\":{\"size\":50},\"id\":\"last\"}", { opcode: 0 }));
  await until("the last one is answered", () => heard.includes("{\"answer\":\"last\",\"ok\":true}"));
  assert.equal(heard.split("\"code\":\"unsupported\"").length - 1, 11);
  assert.equal(await valueOf("size"), 50);
  socket.destroy();
});

test("the page shows the camera, its picture and its scenes", async () => {
  page = await open();
  await waitForColour(page, "#0a84ff");
  assert.equal(new URL(page.url()).search, "", "the token has left the address bar");
  assert.equal(await page.textContent("#camera"), "Lunette");
  assert.equal(await page.textContent("#state"), "on air");
  assert.match(await page.textContent("#facts"), /NV12 640 × 360.*30 fps/);
  assert.equal(await page.textContent("#path"),
    "/srv/lunette/scenes/lower-third/scene.lua");
  assert.deepEqual(await page.locator("#scenes button span").allTextContents(),
    ["lower-third", "welcome", "test-card", "broken"]);
  assert.equal(await page.locator("#scenes [aria-current=true] span").textContent(), "lower-third");
});

test("a reload of the page needs no token", async () => {
  await page.reload();
  await waitForColour(page, "#0a84ff");
});

test("each kind of parameter has a field with its value", async () => {
  const tags = await page.$$eval("#params .field", (fields) => fields.map((element) => [
    element.querySelector("label").textContent,
    ...[...element.querySelectorAll("input, textarea, select")].map((input) =>
      `${input.tagName === "INPUT" ? input.type : input.tagName.toLowerCase()}=${
        input.type === "checkbox" ? input.checked : input.tagName === "SELECT"
          ? input.selectedOptions[0].textContent : input.value}`)].join(" ")));
  assert.deepEqual(tags, [
    "Name text=Ada Lovelace", "About textarea=Mathematician\nand writer",
    "Accent color=#0a84ff text=#0a84ff", "Text size range=50 number=50",
    "Opacity range=0.9 number=0.9", "margin number=40", "Show the clock checkbox=true",
    "Time zone select=UTC", "Logo text=logo.svg", "Ticker lines textarea=one\ntwo",
    "Hold text=5s", "Feed text=https://example.org/feed.json"]);
  assert.deepEqual(await page.locator("#params h3").allTextContents(),
    ["Who is speaking", "Look"]);
});

test("an edit reaches the camera as it is typed and changes the picture", async () => {
  await field(page, "Name").fill("");
  await field(page, "Name").pressSequentially("Grace Hopper", { delay: 5 });
  await until("the name arrived", async () => (await valueOf("name")) === "Grace Hopper");
  assert.equal(await field(page, "Name").evaluate((input) => input === document.activeElement), true);
  const accent = fieldBox(page, "Accent");
  await accent.locator("input[type=text]").fill("#20c040");
  await waitForColour(page, "#20c040");
  await accent.locator("input[type=color]").fill("#8020a0");
  await waitForColour(page, "#8020a0");
  assert.equal(await valueOf("accent"), "#8020a0");
});

test("every kind sends a value of its type", async () => {
  await fieldBox(page, "Text size").locator("input[type=range]").fill("60");
  await field(page, "margin").fill("12");
  await field(page, "Opacity").last().fill("0.25");
  await field(page, "About").fill("a\nb");
  await field(page, "Time zone").selectOption("Asia/Tokyo");
  await field(page, "Ticker lines").fill("three\nfour\n");
  const wanted = { size: 60, margin: 12, opacity: 0.25, bio: "a\nb", zone: "Asia/Tokyo",
    lines: ["three", "four"] };
  for (const [name, value] of Object.entries(wanted))
    await until(`${name} arrived`, async () =>
      JSON.stringify(await valueOf(name)) === JSON.stringify(value));
});

test("a slider and its number go together", async () => {
  const box = fieldBox(page, "Text size");
  await box.locator("input[type=number]").fill("30");
  assert.equal(await box.locator("input[type=range]").inputValue(), "30");
});

test("show_if hides a field while its switch is off", async () => {
  assert.equal(await field(page, "Time zone").isVisible(), true);
  await field(page, "Show the clock").uncheck();
  await field(page, "Time zone").waitFor({ state: "hidden" });
  await until("the camera knows", async () => (await valueOf("clock")) === false);
  await field(page, "Show the clock").check();
  await field(page, "Time zone").waitFor({ state: "visible" });
});

test("what the camera refuses is said beside the field and stays there to be mended", async () => {
  const box = fieldBox(page, "margin");
  await field(page, "margin").fill("-3");
  await box.locator(".problem").waitFor({ state: "visible" });
  assert.match(await box.locator(".problem").textContent(), /parameter margin does not take -3/);
  assert.equal(await field(page, "margin").getAttribute("aria-invalid"), "true");
  await field(page, "Name").focus();
  assert.equal(await field(page, "margin").inputValue(), "-3");
  await field(page, "margin").fill("7");
  await box.locator(".problem").waitFor({ state: "hidden" });
  assert.equal(await valueOf("margin"), 7);
});

test("another page shows what one page changed", async () => {
  const other = await open();
  await waitForColour(other, "#8020a0");
  await field(page, "Name").fill("Mary");
  await other.waitForFunction(() => [...document.querySelectorAll("input")].some(
    (input) => input.value === "Mary"));
  await other.close();
});

test("a field with the focus is never rebuilt, not even when its declaration changes", async () => {
  const { params } = await ask(socketPath, { do: "params" });
  const name = field(page, "Name");
  await name.focus();
  await name.evaluate((input) => {
    window.kept = input;
    input.setSelectionRange(1, 2);
  });
  await send("declare", [{ name: "new", kind: "text", label: "First of all", value: "" },
    ...params.map((param) => (param.name === "name"
      ? { ...param, label: "Full name", value: "from elsewhere" } : param))]);
  await field(page, "First of all").waitFor();
  assert.deepEqual(await page.evaluate(() => [document.activeElement === window.kept,
    window.kept.value, window.kept.selectionStart, window.kept.selectionEnd]), [true, "Mary", 1, 2]);
  await field(page, "First of all").focus();
  await field(page, "Full name").waitFor();
  assert.equal(await field(page, "Full name").inputValue(), "from elsewhere");
});

test("markup in what the camera says stays text", async () => {
  const evil = "<img src=x onerror=\"document.title='owned'\">";
  await send("declare", [{ name: "evil", kind: "choice", label: evil, help: evil, value: evil,
    choices: [evil] }, { name: "accent", kind: "color", value: "#8020a0" }]);
  await page.waitForFunction((text) => document.querySelector("#params label")?.textContent === text,
    evil);
  assert.equal(await page.locator("#params img").count(), 0);
});

test("errors of the scene appear with place and traceback and go when it draws again", async () => {
  const error = { code: "script", path: "/scenes/a/scene.lua", line: 12,
    message: "attempt to index a nil value <b>x</b>", traceback: "stack traceback:\n\tscene.lua:12" };
  await send("fail", error);
  await page.locator("#error-list li").waitFor();
  assert.equal(await page.locator("#error-list code").textContent(), "/scenes/a/scene.lua:12");
  assert.equal(await page.locator("#error-list .message").textContent(), error.message);
  assert.equal(await page.locator("#error-list pre").isVisible(), false);
  await page.locator("#error-list summary").click();
  assert.equal(await page.locator("#error-list pre").textContent(), error.traceback);
  assert.equal(await page.textContent("#state"), "scene error");
  const late = await open();
  await late.locator("#error-list li").waitFor();
  assert.equal(await late.locator("#error-list li").count(), 1);
  await late.close();
  await send("ok");
  await page.locator("#errors").waitFor({ state: "hidden" });
  assert.equal(await page.locator("#error-list li").count(), 0);
});

test("a click, or a key, puts another scene on air", async () => {
  await page.locator("#scenes button", { hasText: "welcome" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("#scenes [aria-current=true]", { hasText: "welcome" }).waitFor();
  await waitForColour(page, "#d02030");
  assert.equal((await status()).scene, "welcome");
  await field(page, "Greeting").waitFor();
  assert.equal(await page.locator("#params .field").count(), 2);
  assert.match(await page.textContent("#path"), /welcome\/scene\.lua$/);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.scene), "welcome");
  await page.locator("#scenes button", { hasText: "test-card" }).click();
  await page.locator("#params-none").waitFor({ state: "visible" });
  assert.equal(await page.textContent("#params-none"), "This scene has no settings.");
});

test("a scene that does not load is said so, and the one on air stays", async () => {
  await page.locator("#scenes button", { hasText: "broken" }).click();
  await page.locator("#scenes-error").waitFor({ state: "visible" });
  assert.equal(await page.textContent("#scenes-error"),
    "broken did not go on air: broken/scene.lua:3: unexpected symbol near ')'");
  assert.equal(await page.locator("#scenes [aria-current=true] span").textContent(), "test-card");
  await page.locator("#scenes button", { hasText: "test-card" }).click();
  await page.locator("#scenes-error").waitFor({ state: "hidden" });
});

test("pause and resume follow the camera's state", async () => {
  await page.click("#pause");
  await page.waitForFunction(() => document.getElementById("state").textContent === "paused");
  assert.equal(await page.textContent("#pause"), "Resume");
  await page.click("#pause");
  await page.waitForFunction(() => document.getElementById("state").textContent === "on air");
});

test("the path to edit can be copied, the picture mirrored", async () => {
  await page.click("#copy");
  await page.waitForFunction(() => document.getElementById("copy").textContent === "Copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /test-card\/scene\.lua$/);
  await page.click("#mirror");
  assert.equal(await page.getAttribute("#mirror", "aria-pressed"), "true");
  assert.match(await page.locator("#picture").evaluate((canvas) => getComputedStyle(canvas).transform),
    /^matrix\(-1/);
});

test("the page fits a phone", async () => {
  await page.setViewportSize({ width: 360, height: 700 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("at most fifteen pictures a second are asked for", async () => {
  const began = Date.now();
  const before = await status();
  await until("three seconds of frames passed", async () =>
    (await status()).frames >= before.frames + 90);
  const after = await status();
  const asked = after.asked_frames - before.asked_frames;
  const most = ((Date.now() - began) * 15) / 1000 + 1;
  assert.ok(asked <= most, `${asked} asked for, ${most} allowed`);
  assert.ok(asked >= 9, `${asked} asked for`);
});

test("a page that comes while no frames come sees the last picture", async () => {
  await send("freeze");
  const late = await open();
  await late.waitForFunction(() => document.getElementById("veil").hidden);
  await late.close();
  await send("thaw");
});

/** No frame is asked for while the camera makes forty. */
async function assertNobodyAsks() {
  let last = await status();
  await until("nobody asks", async () => {
    const now = await status();
    if (now.asked_frames !== last.asked_frames) last = now;
    return now.frames >= last.frames + 40;
  });
}

test("a page in the background costs the camera nothing", async () => {
  const setVisibility = (state) => page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
  await setVisibility("hidden");
  await assertNobodyAsks();
  const { asked_frames } = await status();
  await setVisibility("visible");
  await until("it is asked again", async () => (await status()).asked_frames > asked_frames);
});

test("a camera that went away is awaited", async () => {
  assert.equal(await camera.end(), 0, camera.stderr());
  await page.waitForFunction(() => document.getElementById("veil").checkVisibility());
  assert.match(await page.textContent("#veil"), /camera is not running/);
  assert.equal(await page.textContent("#state"), "not running");
  assert.equal(await page.locator("#scenes button").first().isDisabled(), true);
  const late = await open();
  await late.waitForFunction(() => /camera is not running/.test(
    document.getElementById("veil").textContent));
  camera = await startCamera();
  for (const each of [page, late]) {
    await waitForColour(each, "#0a84ff");
    await field(each, "Name").waitFor();
    assert.equal(await field(each, "Name").isEnabled(), true);
  }
  await late.close();
});

test("a camera that is killed is awaited too", async () => {
  await camera.end("SIGKILL");
  await page.waitForFunction(() => document.getElementById("veil").checkVisibility());
  camera = await startCamera();
  await waitForColour(page, "#0a84ff");
});

test("without a page no frame is asked for", async () => {
  await page.close();
  await assertNobodyAsks();
});

test("Studio ends cleanly with pages open, and they say so", async () => {
  page = await open();
  await waitForColour(page, "#0a84ff");
  assert.equal(await studio.end(), 0, studio.stderr());
  await page.waitForFunction(() => /Studio is not running/.test(
    document.getElementById("veil").textContent));
  assert.equal(await camera.end(), 0, camera.stderr());
});

test("the browser had nothing to complain about", () => assert.deepEqual(complaints, []));

const failed = await runTests();
await browser.close();
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
