// The pane of connections. What comes from the wire is shown as text, never as HTML.
// `addLine` and `endpoints` are those of pane.js, which the page puts in front of this.

/** What a close code means to the one who sees it, by RFC 6455 and by this server's table. */
const CLOSE_MEANINGS = new Map([
  [1000, "closed in order"],
  [1001, "the server is going away"],
  [1005, "closed without a code"],
  [1009, "the message was too long"],
  [1011, "the server failed, or the process has ended"],
  [1013, "the process has too much to do: try again later"],
]);

const list = document.getElementById("connections");
const turns = document.getElementById("turns");
const template = document.getElementById("connection");
const connections = new Set();
let opened = 0;

/** Alias and process, when the text is an introduction. */
function readIntroduction(text) {
  try {
    const { id, process } = JSON.parse(text).connected;
    return typeof id === "string" && typeof process === "string" ? { id, process } : undefined;
  } catch {
    // Any other text is a message like the rest.
    return undefined;
  }
}

function describeClose({ code, reason }, wasOpen) {
  const meaning = code === 1006
    ? wasOpen
      ? "lost without a closing handshake: is the server still running?"
      : "no connection: is the server running, and is this path one of its endpoints?"
    : CLOSE_MEANINGS.get(code) ??
      (code >= 4500 ? "do not reconnect" : code >= 4000 ? "you may reconnect" : "closed");
  return `Closed with ${code}${reason === "" ? "" : ` “${reason}”`}: ${meaning}`;
}

function describeData(data) {
  if (typeof data === "string") return data;
  return `${data.byteLength} bytes: ${
    Array.from(new Uint8Array(data).subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0"))
      .join(" ")
  }`;
}

function urlOf(endpoint) {
  const url = new URL(endpoint, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("introduce", "");
  return url;
}

function showTurns() {
  const names = [...connections].map(({ process }) => process).filter((name) => name !== undefined);
  turns.textContent = names.length === 0 ? "" : `In turn: ${names.join(" → ")}`;
}

function showState(connection, state) {
  const { card, slots } = connection;
  card.dataset.state = state;
  slots.state.textContent = state;
  slots.text.disabled = slots.form.querySelector("button").disabled = state !== "open";
  slots.close.hidden = state === "closed";
  slots.close.disabled = state === "closing";
  slots.reconnect.hidden = slots.remove.hidden = state !== "closed";
}

function showIdentity(connection, identity) {
  connection.process = identity?.process;
  connection.slots.process.textContent = identity?.process ?? "not told yet";
  connection.slots.alias.textContent = identity?.id ?? "not told yet";
  showTurns();
}

function receive(connection, data) {
  const first = !connection.heard;
  connection.heard = true;
  const identity = first && typeof data === "string" ? readIntroduction(data) : undefined;
  if (identity === undefined) {
    addLine(connection.slots.log, "received", describeData(data), connection.process);
  } else {
    showIdentity(connection, identity);
    addLine(connection.slots.log, "note", `${identity.process} answers this connection`);
  }
}

/** Opens the connection's socket; the handlers belong to this socket alone. */
function connect(connection) {
  let wasOpen = false;
  const socket = new WebSocket(connection.url);
  socket.binaryType = "arraybuffer";
  connection.socket = socket;
  connection.heard = false;
  showIdentity(connection, undefined);
  showState(connection, "connecting");
  socket.addEventListener("open", () => {
    wasOpen = true;
    showState(connection, "open");
  });
  socket.addEventListener("message", ({ data }) => receive(connection, data));
  socket.addEventListener("close", (event) => {
    showState(connection, "closed");
    addLine(connection.slots.log, "note", describeClose(event, wasOpen));
  });
}

function createCard(title) {
  const card = template.content.firstElementChild.cloneNode(true);
  const slots = Object.fromEntries(
    Array.from(card.querySelectorAll("[data-slot]"), (element) => [element.dataset.slot, element]),
  );
  slots.title.textContent = title;
  slots.log.setAttribute("aria-label", `Messages of ${title}`);
  slots.text.setAttribute("aria-label", `Message to send over ${title}`);
  return { card, slots };
}

function send(connection) {
  const { form, log, text } = connection.slots;
  if (text.value === "" || connection.socket.readyState !== WebSocket.OPEN) return;
  connection.socket.send(text.value);
  addLine(log, "sent", text.value, "you");
  form.reset();
}

function disconnect(connection) {
  showState(connection, "closing");
  connection.socket.close(1000, "closed on the page");
}

function remove(connection) {
  connections.delete(connection);
  connection.card.remove();
  showTurns();
}

function openConnection(endpoint) {
  const { card, slots } = createCard(`Connection ${++opened} to ${endpoint}`);
  const connection = { card, slots, url: urlOf(endpoint) };
  connections.add(connection);
  list.append(card);
  slots.form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(connection);
  });
  slots.close.addEventListener("click", () => disconnect(connection));
  slots.reconnect.addEventListener("click", () => connect(connection));
  slots.remove.addEventListener("click", () => remove(connection));
  connect(connection);
}

for (const place of document.querySelectorAll("[data-fill]")) {
  place.textContent = location[place.dataset.fill];
}
const endpoint = document.getElementById("endpoint");
document.getElementById("open").addEventListener("submit", (event) => {
  event.preventDefault();
  openConnection(endpoint.value);
});
if (!endpoints.includes(endpoint.value)) endpoint.value = endpoints[0] ?? "";
if (endpoint.value === "") turns.textContent = "This server has no endpoints.";
else openConnection(endpoint.value);
