// Studio in a real browser, in front of the real camera: node studio_camera.mjs PROGRAMS CHROMIUM
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { field, fieldBox, openBrowser } from "./studio_browser.mjs";
import { ask, runTests, start, test, until } from "./studio_tools.mjs";

const [programs, executablePath] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "studio-"));
const container = join(folder, "container");
const socketPath = join(container, "run/lunette.sock");
const lunette = join(programs, "lunette");
const sceneFile = (name) => join(container, "scenes", name, "scene.lua");

const browser = await openBrowser(executablePath);

// Without PipeWire nobody looks but Studio, so the camera can rest.
process.env.LUNETTE_CONTAINER = container;
process.env.XDG_RUNTIME_DIR = process.env.PIPEWIRE_RUNTIME_DIR = folder;

let camera; // lunette run
async function startCamera(...words) {
  camera = await start(lunette, "run", "--port", "0", "--size", "640x360", "--fps", "15", ...words);
  await until("it is up", () => camera.stdout().includes("Ctrl-C") || camera.line === null);
  const [url] = camera.stdout().match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\w+/) ?? [];
  assert.ok(url, `no address: ${camera.stdout()}${camera.stderr()}`);
  return url;
}

const lun = async (...words) => (await promisify(execFile)(lunette, words, { timeout: 30000 })).stdout;
const status = async () => JSON.parse(await lun("status", "--json"));
const quickStatus = () => ask(socketPath, { do: "status" });
async function valueOf(name) {
  const { params } = await ask(socketPath, { do: "params" });
  return params.find((param) => param.name === name)?.value;
}

function writeScene(name, text) {
  mkdirSync(join(container, "scenes", name), { recursive: true });
  writeFileSync(sceneFile(name), text);
}

/** Change a scene's file as an editor does that writes in place. */
function edit(name, from, to) {
  const text = readFileSync(sceneFile(name), "utf8");
  assert.ok(text.includes(from), `${name} has no ${from}`);
  writeFileSync(sceneFile(name), text.replace(from, to));
  return () => writeFileSync(sceneFile(name), text);
}

// Given to the page: pixels of the preview, in shares of its size. Empty under the veil.
const pixelsIn = ([x, y, width, height]) => {
  const canvas = document.getElementById("picture");
  if (!document.getElementById("veil").hidden) return [];
  const area = [x * canvas.width, y * canvas.height, width * canvas.width, height * canvas.height];
  return [...canvas.getContext("2d").getImageData(...area.map(Math.round)).data];
};
const pixels = (page, area) => page.evaluate(pixelsIn, area);

/** Where two pictures of a place differ as white text on a dark panel does: a share of 1. */
function difference(before, after) {
  assert.equal(before.length, after.length);
  let count = 0;
  for (let i = 0; i < before.length; i += 4)
    if ((before[i] > 128) !== (after[i] > 128)) count++;
  return (count * 4) / before.length;
}

/** Wait until the middle of a place has this colour, as far as JPEG keeps it. */
const waitForColour = (page, [x, y], colour) => page.waitForFunction(([at, rgb]) => {
  const canvas = document.getElementById("picture");
  if (!document.getElementById("veil").hidden) return false;
  const got = canvas.getContext("2d").getImageData(at[0] * canvas.width, at[1] * canvas.height, 1, 1);
  return rgb.every((value, i) => Math.abs(value - got.data[i]) <= 8);
}, [[x, y], [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16))]);

const waitForPictures = (page, count) => page.evaluate((more) => {
  window.wanted = Number(document.getElementById("picture").dataset.pictures) + more;
}, count).then(() => page.waitForFunction(() =>
  Number(document.getElementById("picture").dataset.pictures) >= window.wanted));

/** The processes whose parent this is. */
const childrenOf = (pid) => readdirSync("/proc").filter((name) => {
  try {
    return /^\d+$/.test(name) &&
      readFileSync(`/proc/${name}/status`, "utf8").includes(`\nPPid:\t${pid}\n`);
  } catch {
    return false; // it ended meanwhile
  }
}).map(Number);

const ticksOf = (pid) => {
  const words = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(words[11]) + Number(words[12]); // of 10 ms each
};

// In the lower third: where the name stands, and a place on the panel's left edge without text.
const nameArea = [168 / 1920, 830 / 1080, 300 / 1920, 80 / 1080];
const panelSpot = [115 / 1920, 900 / 1080];

let page;

test("the printed address shows the camera's picture and its scenes", async () => {
  page = await browser.newPage(await startCamera());
  await page.waitForFunction(() => document.getElementById("veil").hidden);
  assert.equal(await page.textContent("#camera"), "Lunette");
  assert.match(await page.textContent("#facts"), /NV12 640 × 360.*15 fps/);
  assert.equal(await page.textContent("#path"), sceneFile("lower-third"));
  assert.deepEqual(await page.locator("#scenes button span").allTextContents(),
    ["bars", "hello", "lower-third", "welcome"]);
});

test("the name typed in the form is in the picture", async () => {
  await field(page, "Clock").uncheck();
  await until("it arrived", async () => (await valueOf("clock")) === false);
  await waitForPictures(page, 3);
  const before = await pixels(page, nameArea);
  await waitForPictures(page, 3);
  assert.ok(difference(before, await pixels(page, nameArea)) < 0.01, "without a change it stays");
  await field(page, "Name").fill("Grace Hopper");
  await until("the name is in the picture", async () =>
    difference(before, await pixels(page, nameArea)) > 0.05);
  assert.equal(await valueOf("name"), "Grace Hopper");
});

test("a file that is saved is in the picture", async () => {
  const undo = edit("lower-third", "#12141AE0", "#C01830");
  await waitForColour(page, panelSpot, "#c01830");
  undo();
  await until("and back", async () => (await pixels(page, [...panelSpot, 0.01, 0.01]))[0] < 0x60);
  assert.equal(await field(page, "Name").inputValue(), "Grace Hopper");
});

test("a syntax error is shown with its place, under the last good picture", async () => {
  const before = await pixels(page, nameArea);
  const undo = edit("lower-third", "local cam = camera.open()", "local cam = = camera.open()");
  await page.locator("#errors").waitFor({ state: "visible" });
  assert.match(await page.locator("#error-list code").textContent(),
    new RegExp(`^${sceneFile("lower-third")}:\\d+$`));
  assert.match(await page.locator("#error-list .message").textContent(), /unexpected symbol near '='/);
  assert.equal(await page.locator("#error-list li").count(), 1);
  await waitForPictures(page, 3);
  assert.ok(difference(before, await pixels(page, nameArea)) < 0.01);
  await field(page, "Name").fill("Mary Jackson");
  await until("the form still works", async () => (await valueOf("name")) === "Mary Jackson");
  undo();
  await page.locator("#errors").waitFor({ state: "hidden" });
  assert.equal(await page.locator("#error-list li").count(), 0);
});

test("a click puts another scene on air", async () => {
  await page.locator("#scenes button", { hasText: "bars" }).click();
  await page.locator("#scenes [aria-current=true]", { hasText: "bars" }).waitFor();
  await waitForColour(page, [0.02, 0.2], "#c0c0c0");
  const { scene } = await status();
  assert.equal(scene, "bars");
  await page.locator("#scenes button", { hasText: "lower-third" }).click();
  await field(page, "Name").waitFor();
  assert.equal(await field(page, "Name").inputValue(), "Mary Jackson");
  await until("its panel is back", async () => (await pixels(page, [...panelSpot, 0.01, 0.01]))[0] < 0x60);
  await waitForPictures(page, 2);
});

test("what was typed survives a restart and a scene that is broken then", async () => {
  const before = await pixels(page, nameArea);
  const undo = edit("lower-third", "return scene", "return scene scene");
  await page.locator("#errors").waitFor({ state: "visible" });
  assert.equal(await camera.end(), 0, camera.stderr());
  await page.waitForFunction(() => /Studio is not running/.test(
    document.getElementById("veil").textContent));
  await page.close();
  page = await browser.newPage(await startCamera());
  await page.locator("#errors").waitFor({ state: "visible" });
  undo();
  await page.locator("#errors").waitFor({ state: "hidden" });
  await field(page, "Name").waitFor();
  assert.equal(await field(page, "Name").inputValue(), "Mary Jackson");
  assert.equal(await field(page, "Clock").isChecked(), false);
  await page.waitForFunction(() => document.getElementById("veil").hidden);
  await until("the picture is the one before", async () =>
    difference(before, await pixels(page, nameArea)) < 0.02);
});

// A scene of every kind. Each value has a strip, red until the scene itself reads what it should.
const kinds = `
local wanted = {
  text = "Grüße <b>&", lines = "one\\ntwo", number = 2.5, slider = 0.25, integer = 7, bool = false,
  color = "#20c040", choice = "wide", list = "three/four", duration = 90,
  url = "https://example.org/b.json",
}
local order = { "text", "lines", "number", "slider", "integer", "bool", "color", "choice", "list",
  "duration", "url" }
local scene = { params = {
  param.section("words", { label = "Words" }),
  param.text("text", "a", { label = "Text", max = 12, help = "What is said." }),
  param.text("lines", "a\\nb", { label = "Lines", multiline = true }),
  param.section("values", { label = "Values" }),
  param.number("number", 1, { label = "Number", min = -1 }),
  param.number("slider", 0.5, { label = "Slider", min = 0, max = 1 }),
  param.integer("integer", 1, { label = "Integer", min = 0 }),
  param.bool("bool", true, { label = "Bool" }),
  param.color("color", "#ff0000", { label = "Color" }),
  param.choice("choice", "small", { "small", "wide" }, { label = "Choice", show_if = "bool" }),
  param.list("list", { "one" }, { label = "List", max = 3 }),
  param.duration("duration", "5s", { label = "Duration", max = 600 }),
  param.url("url", "https://example.org/a.json", { label = "Address" }),
} }
local told
function scene.draw(cr, frame)
  for i, name in ipairs(order) do
    local value = params[name]
    if name == "list" then value = table.concat(value, "/") end
    cr:rectangle((i - 1) * cr.width / #order, 0, cr.width / #order, cr.height)
    cr:set_source(value == wanted[name] and "#00c000" or "#c00000")
    cr:fill()
  end
  if told ~= params.text then
    log.info("frame " .. frame.number .. " draws " .. params.text)
    told = params.text
  end
end
return scene
`;
const strips = 11;
const stripSpot = (i) => [(i + 0.5) / strips, 0.5];

test("every kind of parameter has a field, and what is set there reaches the scene", async () => {
  writeScene("kinds", kinds);
  await page.locator("#scenes button", { hasText: "kinds" }).click();
  await field(page, "Address").waitFor();
  assert.deepEqual(await page.locator("#params h3").allTextContents(), ["Words", "Values"]);
  for (let i = 0; i < strips; i++) await waitForColour(page, stripSpot(i), "#c00000");
  const turnsGreen = async (i, change) => {
    await change();
    await waitForColour(page, stripSpot(i), "#00c000");
  };
  await turnsGreen(0, () => field(page, "Text").fill("Grüße <b>&"));
  await turnsGreen(1, () => field(page, "Lines").fill("one\ntwo"));
  await turnsGreen(2, () => field(page, "Number").fill("2.5"));
  await turnsGreen(3, () => fieldBox(page, "Slider").locator("[type=range]").fill("0.25"));
  await turnsGreen(4, () => field(page, "Integer").fill("7"));
  await turnsGreen(6, () => field(page, "Color").last().fill("#20C040"));
  await turnsGreen(7, () => field(page, "Choice").selectOption("wide"));
  await turnsGreen(8, () => field(page, "List").fill("three\nfour\n"));
  await turnsGreen(9, () => field(page, "Duration").fill("1m30s"));
  await turnsGreen(10, () => field(page, "Address").fill("https://example.org/b.json"));
  await turnsGreen(5, () => field(page, "Bool").uncheck());
  await field(page, "Choice").waitFor({ state: "hidden" });
  for (let i = 0; i < strips; i++) await waitForColour(page, stripSpot(i), "#00c000");
});

test("what the camera refuses is said beside its field, and the scene keeps what it had", async () => {
  const wrong = {
    Text: ["more than twelve characters", /wants at most 12 characters, got 27/, "Grüße <b>&"],
    Number: ["-2", /wants a number of at least -1/, "2.5"],
    Slider: ["1.5", /wants a number from 0 to 1/, "0.25"],
    Integer: ["1.5", /wants a whole number/, "7"],
    Color: ["greenish", /wants a colour such as/, "#20c040"],
    List: ["a\nb\nc\nd", /wants at most 3 entries, got 4/, "three\nfour"],
    Duration: ["soon", /wants a duration such as 90, 1m30s/, "90"],
    Address: ["example.org", /wants an address that starts with http/, "https://example.org/b.json"],
  };
  for (const [label, [text, sentence, good]] of Object.entries(wrong)) {
    const problem = fieldBox(page, label).locator(".problem");
    await field(page, label).last().fill(text);
    await problem.waitFor({ state: "visible" });
    assert.match(await problem.textContent(), sentence);
    await field(page, label).last().fill(good);
    await problem.waitFor({ state: "hidden" });
  }
  for (let i = 0; i < strips; i++) await waitForColour(page, stripSpot(i), "#00c000");
});

test("half an address is no mistake while it is being typed", async () => {
  const good = "https://example.org/c.json";
  const problem = fieldBox(page, "Address").locator(".problem");
  await problem.evaluate((element) => {
    window.complaints = [];
    new MutationObserver(() => element.hidden || window.complaints.push(element.textContent))
      .observe(element, { attributes: true });
  });
  await field(page, "Address").fill("");
  await field(page, "Address").pressSequentially(good, { delay: 20 });
  await until("it arrived", async () => (await valueOf("url")) === good);
  assert.deepEqual(await page.evaluate(() => window.complaints), []);
  await field(page, "Address").fill("htt");
  await field(page, "Text").focus();
  await problem.waitFor({ state: "visible" });
  assert.equal(await field(page, "Address").inputValue(), "htt");
  await field(page, "Address").fill("https://example.org/b.json");
  await problem.waitFor({ state: "hidden" });
});

test("a value is on air within two frames", async () => {
  const shown = await new Promise((resolve, reject) => {
    let text = "";
    const socket = net.connect(socketPath, () => socket.write(
      `{"do":"frame","after":0}\n{"do":"set","values":{"text":"two frames"}}\n`));
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data;
      const lines = text.split("\n");
      if (lines.length < 3) return;
      socket.destroy();
      resolve(JSON.parse(lines[0]).number);
    });
  });
  let drawn;
  await until("the scene has drawn it", () =>
    (drawn = camera.stderr().match(/frame (\d+) draws two frames/)?.[1]));
  // A frame asked for without a serial is one that was drawn after the request: at the latest the
  // second one from the frame that was on air, and the value that came along is in it.
  assert.ok(Number(drawn) <= shown && Number(drawn) > shown - 3, `${shown} was sent, ${drawn} drew it`);
});

async function kill(pid) {
  process.kill(pid, "SIGKILL");
  await until("it is gone", () => !readdirSync("/proc").includes(String(pid)));
}

test("a camera that is killed is said to be away, and comes back", async () => {
  const [pid] = childrenOf(camera.pid);
  await page.evaluate(() => {
    window.veils = [];
    new MutationObserver(() => window.veils.push(document.getElementById("veil").textContent))
      .observe(document.getElementById("veil"), { childList: true });
  });
  await kill(pid);
  await page.waitForFunction(() => window.veils.some((text) => /camera is not running/.test(text)));
  for (let i = 1; i < strips; i++) await waitForColour(page, stripSpot(i), "#00c000");
  assert.equal(await page.textContent("#state"), "on air");
  assert.equal(await field(page, "Text").isEnabled(), true);
  assert.notDeepEqual(childrenOf(camera.pid), [pid]);
});

test("a renderer that is killed is replaced under the picture", async () => {
  const [cameraPid] = childrenOf(camera.pid);
  const [pid] = childrenOf(cameraPid);
  await kill(pid);
  await field(page, "Text").fill("a");
  await waitForColour(page, stripSpot(0), "#c00000");
  assert.deepEqual(childrenOf(camera.pid), [cameraPid]);
});

test("while a page is open the camera runs for it; three seconds after the last it rests", async () => {
  const url = page.url();
  const other = await browser.newPage(url);
  await other.waitForFunction(() => document.getElementById("veil").hidden);
  await page.close();
  await waitForColour(other, stripSpot(1), "#00c000");
  assert.equal((await quickStatus()).state, "live");
  await other.close();
  const closedAt = Date.now();
  await until("it rests", async () => (await quickStatus()).state === "idle");
  assert.ok(Date.now() - closedAt < 4000, `after ${Date.now() - closedAt} ms`);
  const [cameraPid] = childrenOf(camera.pid);
  const pids = [camera.pid, cameraPid, ...childrenOf(cameraPid)];
  const { frames } = await quickStatus();
  const before = pids.map(ticksOf);
  await new Promise((resolve) => setTimeout(resolve, 1500)); // the time that is measured
  const spent = pids.map((pid, i) => ticksOf(pid) - before[i]);
  assert.equal((await quickStatus()).frames, frames);
  assert.ok(spent.reduce((a, b) => a + b) <= 3, `10 ms each: ${spent}`);
  page = await browser.newPage(url);
  await waitForColour(page, stripSpot(1), "#00c000");
});

test("with many settings the picture stays in sight", async () => {
  const many = Array.from({ length: 40 }, (_, i) => `param.text("t${i}", "", { label = "Text ${i}" })`);
  writeScene("many", `return { params = { ${many} }, draw = function(cr)
    cr:set_source(params.t39 == "" and "#c00000" or "#00c000") cr:paint()
  end }`);
  await page.locator("#scenes button", { hasText: "many" }).click();
  await waitForColour(page, [0.5, 0.5], "#c00000");
  for (const [i, size] of [{ width: 1280, height: 860 }, { width: 390, height: 844 }].entries()) {
    await page.setViewportSize(size);
    await field(page, "Text 39").fill(String(i));
    await field(page, "Text 39").scrollIntoViewIfNeeded();
    const boxes = [await page.locator("#screen").boundingBox(), await field(page, "Text 39").boundingBox()];
    for (const box of boxes)
      assert.ok(box.y >= -1 && box.y + box.height <= size.height + 1, JSON.stringify(boxes));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.width);
  }
  await waitForColour(page, [0.5, 0.5], "#00c000");
});

test("a scene that is not on the list can be on air", async () => {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.close();
  assert.equal(await camera.end(), 0, camera.stderr());
  const outside = join(folder, "mine");
  mkdirSync(outside);
  writeFileSync(join(outside, "scene.lua"),
    `return { draw = function(cr) cr:set_source("#2060c0") cr:paint() end }`);
  page = await browser.newPage(await startCamera(outside));
  await waitForColour(page, [0.5, 0.5], "#2060c0");
  assert.deepEqual(await page.locator("#scenes [aria-current=true] span").allTextContents(), ["mine"]);
  assert.equal(await page.textContent("#path"), join(outside, "scene.lua"));
  assert.match(await page.textContent("#missing"), /no PipeWire session/);
  assert.equal(await page.textContent("#watchers"), "No viewers");
  await page.locator("#scenes button", { hasText: "hello" }).click();
  await page.locator("#scenes button[aria-current=true]", { hasText: "hello" }).waitFor();
  assert.equal(await page.locator("#scenes [aria-current=true]").count(), 1);
  assert.equal(await page.textContent("#path"), sceneFile("hello"));
});

test("all ends cleanly, and the browser had nothing to complain about", async () => {
  assert.equal(await camera.end(), 0, camera.stderr());
  assert.deepEqual(browser.complaints, []);
});

const failed = await runTests();
await browser.close();
if (camera) await camera.end();
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
