// The settings of a scene: fields from its declarations. A field that has the focus or waits for
// an answer is never rebuilt or overwritten; what came meanwhile is shown when it is left.
import { request } from "./wire.js";

const SEND_MS = 50; // the first edit goes at once, what is typed on at most so often
const COMPLAIN_MS = 500; // half an address is no mistake while it is being typed
let lastField = 0;

/** @returns an element with properties and children; strings become text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** What a declaration is apart from its value: a field is rebuilt only when this changes. */
function shape(declaration) {
  const { value, ...rest } = declaration;
  return JSON.stringify([rest, Array.isArray(value)]);
}

// --- inputs of each kind: { nodes, read(), write(value) }; read() throws a sentence --------------

function textInput(param) {
  const input = param.multiline ? make("textarea", { rows: 3 }) : make("input", { type: "text" });
  return { nodes: [input], read: () => input.value, write: (value) => (input.value = value ?? "") };
}

function setRange(input, param) {
  if (Number.isFinite(param.min)) input.min = param.min;
  if (Number.isFinite(param.max)) input.max = param.max;
  input.step = param.step || (param.kind === "integer" ? 1 : "any");
}

function numberInput(param) {
  const input = make("input", { type: "number" });
  setRange(input, param);
  const field = {
    nodes: [input],
    read() {
      if (!Number.isFinite(input.valueAsNumber)) throw "This wants a number.";
      return input.valueAsNumber;
    },
    write: (value) => (input.value = value ?? ""),
  };
  if (!Number.isFinite(param.min) || !Number.isFinite(param.max)) return field;
  const slider = make("input", { type: "range" });
  setRange(slider, param);
  slider.addEventListener("input", () => (input.value = slider.value));
  input.addEventListener("input", () => (slider.value = input.value));
  const write = field.write;
  field.write = (value) => { write(value); slider.value = value; };
  field.nodes = [slider, input];
  field.main = input;
  return field;
}

function boolInput() {
  const input = make("input", { type: "checkbox", className: "switch" });
  return { nodes: [input], read: () => input.checked, write: (value) => (input.checked = value === true) };
}

function colorInput() {
  const picker = make("input", { type: "color" });
  const input = make("input", { type: "text", spellcheck: false });
  const isHex = (text) => /^#[0-9a-f]{6}([0-9a-f]{2})?$/i.test(text);
  const follow = () => { if (isHex(input.value)) picker.value = input.value.slice(0, 7); };
  // The picker knows no transparency: what the text has of it stays.
  picker.addEventListener("input", () => {
    input.value = picker.value + (isHex(input.value) ? input.value.slice(7) : "");
  });
  input.addEventListener("input", follow);
  return {
    nodes: [picker, input],
    main: input,
    read: () => input.value.trim(),
    write(value) { input.value = value ?? ""; follow(); },
  };
}

function choiceInput(param) {
  const choices = Array.isArray(param.choices) ? param.choices : [];
  const select = make("select", {}, ...choices.map((choice, i) =>
    make("option", { value: i, textContent: choice })));
  return {
    nodes: [select],
    read: () => choices[select.selectedIndex],
    write: (value) => (select.selectedIndex = choices.indexOf(value)),
  };
}

function listInput() {
  const input = make("textarea", { rows: 3 });
  return {
    nodes: [input],
    read: () => input.value.split("\n").filter((line) => line !== ""),
    write: (value) => (input.value = Array.isArray(value) ? value.join("\n") : value ?? ""),
  };
}

// Kinds whose text form the camera understands better than we do: durations, files, addresses.
function typedInput(param) {
  return { ...textInput(param), isTyped: true };
}

const kinds = {
  text: textInput, number: numberInput, integer: numberInput, bool: boolInput,
  color: colorInput, choice: choiceInput,
};

function createInput(param) {
  if (param.kind === "list" && Array.isArray(param.value)) return listInput();
  return (kinds[param.kind] || typedInput)(param);
}

// --- one field ----------------------------------------------------------------------------------

function createSection(param) {
  const root = make("h3", { textContent: param.label || param.name });
  return { root, shape: shape(param), update() {}, isBusy: () => false, setEnabled() {} };
}

function createField(param, onEdit) {
  const input = createInput(param);
  const main = input.main || input.nodes[0];
  const id = `field-${++lastField}`;
  const isBool = param.kind === "bool";
  const label = make("label", { htmlFor: id, textContent: param.label || param.name });
  const problem = make("p", { className: "problem", id: `${id}-problem`, hidden: true });
  const mark = make("span", { className: "mark", ariaHidden: "true" });
  const box = make("div", { className: isBool ? "line" : "inputs" }, ...input.nodes);
  const root = make("div", { className: `field kind-${param.kind}` });
  root.append(...(isBool ? [make("div", { className: "line" }, label, mark, ...input.nodes)]
    : [make("div", { className: "line" }, label, mark), box]));
  if (param.help) root.append(make("p", { className: "quiet", id: `${id}-help`, textContent: param.help }));
  root.append(problem);
  main.id = id;
  main.setAttribute("aria-describedby", `${id}-problem${param.help ? ` ${id}-help` : ""}`);
  for (const node of input.nodes)
    if (node !== main) node.setAttribute("aria-label", param.label || param.name);

  let timer = 0; // runs for a while after an edit was sent
  let complaintTimer = 0;
  let isSending = false;
  let isEdited = false; // since it was sent last
  let refusal = ""; // what is wrong with the text that stands there
  let latest = param.value;

  function complain() {
    clearTimeout(complaintTimer);
    problem.textContent = refusal;
    problem.hidden = !refusal;
    main.setAttribute("aria-invalid", refusal ? "true" : "false");
  }

  function judge(sentence) {
    refusal = sentence || "";
    clearTimeout(complaintTimer);
    if (refusal && problem.hidden && input.nodes.includes(document.activeElement))
      complaintTimer = setTimeout(complain, COMPLAIN_MS);
    else complain();
  }

  function settle() {
    if (!field.isBusy() && !refusal) input.write(latest);
  }

  // One request at a time: typing on while the camera answers is sent in one piece afterwards.
  async function send() {
    if (isSending) return;
    isEdited = false;
    let value;
    try {
      value = input.read();
    } catch (sentence) {
      judge(String(sentence));
      return;
    }
    isSending = true;
    mark.className = "mark sending";
    const part = { [param.name]: value };
    const error = await request({ do: "set", ...(input.isTyped ? { text: part } : { values: part }) });
    isSending = false;
    mark.className = error ? "mark" : "mark saved";
    judge(error?.message);
    if (isEdited) sendSoon();
  }

  function sendSoon() {
    if (timer) return;
    send();
    timer = setTimeout(() => {
      timer = 0;
      if (isEdited) sendSoon();
    }, SEND_MS);
  }

  for (const node of input.nodes) {
    node.addEventListener("input", () => {
      isEdited = true;
      onEdit(param.name, isBool ? input.read() : undefined);
      clearTimeout(complaintTimer);
      sendSoon();
    });
    node.addEventListener("blur", () => {
      complain();
      setTimeout(settle);
    });
  }

  const field = {
    root,
    shape: shape(param),
    isBusy: () => isSending || isEdited || input.nodes.includes(document.activeElement),
    update(value) {
      latest = value;
      settle();
    },
    setEnabled: (isOn) => input.nodes.forEach((node) => (node.disabled = !isOn)),
    showIf: param.show_if,
  };
  input.write(param.value);
  return field;
}

// --- the form -----------------------------------------------------------------------------------

export function createForm(form) {
  const fields = new Map(); // name -> field
  const bools = new Map(); // name -> shown value
  let scene;
  let isEnabled = false;

  function applyShowIf() {
    for (const field of fields.values())
      field.root.hidden = field.showIf !== undefined && bools.get(field.showIf) === false;
  }

  function onEdit(name, value) {
    if (value === undefined) return;
    bools.set(name, value);
    applyShowIf();
  }

  // A field whose declaration changed waits with its old face until the focus has left it.
  function fieldFor(param) {
    const old = fields.get(param.name);
    if (old && (old.shape === shape(param) || old.isBusy())) {
      old.update(param.value);
      return old;
    }
    const field = param.kind === "section" ? createSection(param) : createField(param, onEdit);
    field.setEnabled(isEnabled);
    return field;
  }

  function show(newScene, params) {
    const isNew = newScene !== scene;
    if (isNew) fields.clear();
    scene = newScene;
    const next = new Map(params.map((param) => [param.name, fieldFor(param)]));
    fields.clear();
    bools.clear();
    for (const param of params) {
      fields.set(param.name, next.get(param.name));
      if (param.kind === "bool") bools.set(param.name, param.value);
    }
    place([...next.values()].map((field) => field.root));
    applyShowIf();
    lastParams = params;
  }

  // Nodes that stay are not taken out of the page: that would take the focus from them.
  function place(roots) {
    for (const child of [...form.children]) if (!roots.includes(child)) child.remove();
    roots.forEach((root, i) => {
      if (form.children[i] !== root) form.insertBefore(root, form.children[i] || null);
    });
  }

  let lastParams = [];
  form.addEventListener("focusout", () => setTimeout(() => {
    if (lastParams.some((param) => fields.get(param.name)?.shape !== shape(param)))
      show(scene, lastParams);
  }));

  return {
    show,
    setEnabled(isOn) {
      isEnabled = isOn;
      for (const field of fields.values()) field.setEnabled(isOn);
    },
  };
}
