// Studio's page: shows what comes from the camera and asks for what the buttons say. form.js makes
// the settings, wire.js speaks to Studio. Everything from the camera is shown as text, never as
// markup.
import { createForm, make } from "./form.js";
import { connect, request } from "./wire.js";

const $ = (id) => document.getElementById(id);

// --- the picture --------------------------------------------------------------------------------

const canvas = $("picture");
const context = canvas.getContext("2d", { alpha: false });
let nextPicture = null;
let isDrawing = false;

// Decoding takes longer than receiving on a slow machine: only the newest picture is decoded next.
async function show(blob) {
  nextPicture = blob;
  if (isDrawing) return;
  isDrawing = true;
  while (nextPicture) {
    const picture = nextPicture;
    nextPicture = null;
    try {
      draw(await createImageBitmap(picture));
    } catch {
      // A broken picture: the next one is a moment away.
    }
  }
  isDrawing = false;
}

function draw(bitmap) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    $("screen").style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
  }
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  canvas.dataset.pictures = Number(canvas.dataset.pictures || 0) + 1;
  if (hasPicture) return;
  hasPicture = true; // it may come just before the news that the camera is back
  $("veil").hidden = isLive;
  showChip();
}

// --- the camera ---------------------------------------------------------------------------------

let state = "";
let isLive = false;
let hasPicture = false; // since the camera was away last
let watchers; // how many the camera counts

function setLive(live, why) {
  isLive = live;
  hasPicture &&= live;
  $("veil").textContent = live ? "Waiting for the first picture …" : why;
  $("veil").hidden = live && hasPicture;
  for (const id of ["pause", "reload"]) $(id).disabled = !live;
  form.setEnabled(live);
  for (const button of $("scenes").querySelectorAll("button")) button.disabled = !live;
  showWatchers();
  if (live) {
    clearErrors();
  } else {
    showChip();
    $("missing").hidden = true;
  }
}

function showChip() {
  const hasErrors = !$("errors").hidden;
  const kind = !isLive ? "away" : hasErrors ? "bad" : /paus/.test(state) ? "held" : "good";
  $("state").className = `chip ${kind}`;
  // A camera that drew us a picture is not idle any more, whatever its last status was.
  const isOnAir = state === "live" || (state === "idle" && hasPicture);
  $("state").textContent =
    !isLive ? "not running" : hasErrors ? "scene error" : isOnAir ? "on air" : state || "starting";
}

// The camera counts all previews as one watcher. Who looks at this page wants to know of others.
function showWatchers() {
  const isLooking = document.visibilityState === "visible";
  const count = Math.max(0, watchers - (isLooking ? 1 : 0));
  $("watchers").textContent = !isLive || !Number.isInteger(watchers) ? ""
    : count === 0 ? "No viewers" : `${count} ${count === 1 ? "viewer" : "viewers"}`;
}
document.addEventListener("visibilitychange", showWatchers);

function facts(status) {
  const format = status.format && typeof status.format === "object"
    ? `${status.format.pixel} ${status.format.width}x${status.format.height}` : status.format;
  const script = status.script_ms || {};
  return [
    ["Format", format && String(format).toUpperCase().replace(/(\d)X(\d)/, "$1 × $2")],
    ["Rate", Number.isFinite(status.fps) && `${Math.round(status.fps * 100) / 100} fps`],
    ["Script", Number.isFinite(script.p50) && `${script.p50.toFixed(1)} ms`],
    ["Late", status.late],
    ["Dropped", status.dropped],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false);
}

function showStatus({ status }) {
  $("camera").textContent = status.camera || "Lunette";
  document.title = `${status.camera || "Lunette"} – Studio`;
  state = String(status.state || "");
  watchers = status.watchers;
  showWatchers();
  const missing = Array.isArray(status.missing) ? status.missing : [];
  $("missing").hidden = missing.length === 0;
  $("missing-list").replaceChildren(...missing.map((text) => make("li", { textContent: text })));
  airing = { scene: status.scene, file: status.file };
  showAiring();
  $("facts").replaceChildren(...facts(status).map(([name, value]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }))));
  $("pause").textContent = /paus/.test(state) ? "Resume" : "Pause";
  showChip();
}

// --- scenes -------------------------------------------------------------------------------------

let known = []; // the container's scenes
let airing = {}; // the scene on air by the status, which may lie outside of the container
let awaited; // the scene that was clicked last, until the camera answers
let refused; // the scene that the sentence under the list is about

async function useScene(name) {
  awaited = name;
  showAwaited();
  const error = await request({ do: "use", scene: name });
  if (awaited !== name) return; // another click came later
  awaited = undefined;
  showAwaited();
  refused = error ? name : undefined;
  $("scenes-error").hidden = !error;
  $("scenes-error").textContent =
    error ? `${name} did not go on air: ${where(error)}${error.message}` : "";
}

function showAwaited() {
  for (const button of $("scenes").querySelectorAll("button"))
    button.setAttribute("aria-busy", String(button.dataset.scene === awaited));
}

function fillRow(row, name, isOnAir) {
  row.append(make("span", { textContent: name }));
  if (isOnAir) row.append(make("small", { textContent: "on air" }));
  row.setAttribute("aria-current", String(isOnAir));
  return make("li", {}, row);
}

function sceneRow(scene) {
  const button = make("button", { type: "button", disabled: !isLive });
  button.dataset.scene = scene.name;
  button.onclick = () => useScene(scene.name);
  return fillRow(button, scene.name, scene.on_air === true);
}

function showScenes({ scenes }) {
  if (!Array.isArray(scenes)) return;
  known = scenes;
  const focused = document.activeElement?.dataset?.scene;
  $("scenes").replaceChildren(...scenes.map(sceneRow));
  if (focused !== undefined)
    $("scenes").querySelector(`[data-scene="${CSS.escape(focused)}"]`)?.focus();
  showAwaited();
  showAiring();
}

function showAiring() {
  const current = known.find((scene) => scene.on_air);
  const path = current?.path || airing.file;
  $("scenes").querySelector(".outside")?.parentElement.remove();
  if (!current && airing.file && airing.scene)
    $("scenes").prepend(fillRow(make("div", { className: "outside" }), airing.scene, true));
  $("file").hidden = !path;
  $("path").textContent = path || "";
  if (current?.name === refused) $("scenes-error").hidden = true; // it was mended
  reveal($("scenes").querySelector("[aria-current=true]"));
}

// Only once a scene took the air: who scrolls the list is left alone. The page itself stays.
function reveal(row) {
  const list = $("scenes");
  const name = row?.textContent;
  if (name === list.dataset.revealed) return;
  list.dataset.revealed = name;
  if (row && !list.contains(document.activeElement))
    list.scrollTop = row.offsetTop - (list.clientHeight - row.offsetHeight) / 2;
}

// --- errors -------------------------------------------------------------------------------------

function where(error) {
  return error.path ? `${error.path}${error.line ? `:${error.line}` : ""}: ` : "";
}

function clearErrors() {
  $("error-list").replaceChildren();
  $("errors").hidden = true;
  showChip();
}

function addError({ error }) {
  const row = make("li", {},
    make("p", { className: "message", textContent: error.message || "unknown error" }));
  if (error.path)
    row.prepend(make("code", { textContent: where(error).slice(0, -2) }));
  if (error.traceback)
    row.append(make("details", {}, make("summary", { textContent: "Traceback" }),
      make("pre", { textContent: error.traceback })));
  $("error-list").prepend(row);
  $("errors").hidden = false;
  showChip();
}

// --- putting it together ------------------------------------------------------------------------

const form = createForm($("params"));

const GONE = "Studio is not running. If you start Lunette again, open the address it prints.";

const pushes = {
  camera: ({ live }) => setLive(live, "The camera is not running. Waiting for it …"),
  status: showStatus,
  scenes: showScenes,
  params(message) {
    const params = Array.isArray(message.params) ? message.params : [];
    form.show(message.scene, params);
    $("params-none").hidden = params.length > 0;
    $("params-none").textContent = "This scene has no settings.";
  },
  error: addError,
  ok: clearErrors,
};

$("mirror").onclick = () => {
  const isOn = canvas.classList.toggle("mirrored");
  $("mirror").setAttribute("aria-pressed", String(isOn));
};
$("pause").onclick = () => request({ do: /paus/.test(state) ? "resume" : "pause" });
$("reload").onclick = () => request({ do: "reload" });
$("copy").onclick = async () => {
  try {
    await navigator.clipboard.writeText($("path").textContent);
    $("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren($("path")); // no permission: ready for the keyboard
    $("copy").textContent = "Selected";
  }
  setTimeout(() => ($("copy").textContent = "Copy"), 1500);
};
$("params").onsubmit = (event) => event.preventDefault();

// The cookie stands for the token from here on, so the token need not stay in the address bar.
history.replaceState(null, "", "/");
connect({
  picture: show,
  news(message) {
    if (Object.hasOwn(pushes, message.push)) pushes[message.push](message);
  },
  gone: () => setLive(false, GONE),
});
