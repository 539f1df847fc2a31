// The WebSocket to Studio: requests with their answers, news and pictures. It connects again by
// itself. What the messages are is written in relay.h.
const RETRY_MS = 1000;

let socket = null;
let lastId = 0;
const asked = new Map(); // id -> resolves the request

const isOpen = () => socket?.readyState === WebSocket.OPEN;

/** Ask the camera for something. Resolves to null, or to the error. */
export function request(message) {
  if (!isOpen()) return Promise.resolve({ message: "Studio is not connected." });
  const id = ++lastId;
  socket.send(JSON.stringify({ ...message, id }));
  return new Promise((resolve) => asked.set(id, resolve));
}

// Nobody draws pictures for a page that is in the background.
function look() {
  if (isOpen())
    socket.send(JSON.stringify({ do: "look", on: document.visibilityState === "visible" }));
}
document.addEventListener("visibilitychange", look);

function answer({ answer: id, ok, error }) {
  const resolve = asked.get(id);
  asked.delete(id);
  if (resolve) resolve(ok ? null : error);
}

/** @param on  { picture(blob), news(message), gone() } */
export function connect(on) {
  socket = new WebSocket(`ws://${location.host}/`);
  socket.onopen = look;
  socket.onmessage = ({ data }) => {
    if (data instanceof Blob) return on.picture(data);
    const message = JSON.parse(data);
    return "answer" in message ? answer(message) : on.news(message);
  };
  socket.onclose = () => {
    for (const resolve of asked.values()) resolve({ message: "Studio went away." });
    asked.clear();
    on.gone();
    setTimeout(() => connect(on), RETRY_MS);
  };
}
