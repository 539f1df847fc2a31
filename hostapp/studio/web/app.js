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
  hasPicture = true;
  $("veil").hidden = isLive;
}

// --- the camera ---------------------------------------------------------------------------------

let state = "";
let isLive = false;
let hasPicture = false; // since the camera was away last

function setLive(live, why) {
  isLive = live;
  hasPicture &&= live;
  $("veil").textContent = live ? "Waiting for the first picture …" : why;
  $("veil").hidden = live && hasPicture;
  for (const id of ["pause", "reload"]) $(id).disabled = !live;
  form.setEnabled(live);
  for (const button of $("scenes").querySelectorAll("button")) button.disabled = !live;
  if (live) clearErrors();
  else showChip();
}

function showChip() {
  const hasErrors = !$("errors").hidden;
  const kind = !isLive ? "away" : hasErrors ? "bad" : /paus/.test(state) ? "held" : "good";
  $("state").className = `chip ${kind}`;
  $("state").textContent =
    !isLive ? "not running" : hasErrors ? "scene error" : state === "live" ? "on air" : state;
}

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
  const count = status.watchers;
  $("watchers").textContent =
    Number.isInteger(count) ? `${count} ${count === 1 ? "watcher" : "watchers"}` : "";
  $("facts").replaceChildren(...facts(status).map(([name, value]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }))));
  $("pause").textContent = /paus/.test(state) ? "Resume" : "Pause";
  showChip();
}

// --- scenes -------------------------------------------------------------------------------------

async function useScene(button, name) {
  button.setAttribute("aria-busy", "true");
  const error = await request({ do: "use", scene: name });
  button.removeAttribute("aria-busy");
  $("scenes-error").hidden = !error;
  $("scenes-error").textContent = error ? `${name}: ${where(error)}${error.message}` : "";
}

function sceneRow(scene) {
  const button = make("button", { type: "button", disabled: !isLive },
    make("span", { textContent: scene.name }));
  if (scene.on_air) button.append(make("small", { textContent: "on air" }));
  button.dataset.scene = scene.name;
  button.setAttribute("aria-current", scene.active ? "true" : "false");
  button.onclick = () => useScene(button, scene.name);
  return make("li", {}, button);
}

function showScenes({ scenes }) {
  if (!Array.isArray(scenes)) return;
  const focused = document.activeElement?.dataset?.scene;
  $("scenes").replaceChildren(...scenes.map(sceneRow));
  if (focused !== undefined)
    $("scenes").querySelector(`[data-scene="${CSS.escape(focused)}"]`)?.focus();
  const current = scenes.find((scene) => scene.on_air) || scenes.find((scene) => scene.active);
  $("file").hidden = !current?.path;
  $("path").textContent = current?.path || "";
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
