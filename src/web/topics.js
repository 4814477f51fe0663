// The pane of topics. What comes from the wire is shown as text, never as HTML.
// `addLine` and `endpoints` are those of pane.js, which the page puts in front of this.

const pane = document.getElementById("topics");
const slots = Object.fromEntries(
  Array.from(pane.querySelectorAll("[data-slot]"), (element) => [element.dataset.slot, element]),
);
let socket;
let requests = 0;
let beats = 0;

function showState(state) {
  pane.dataset.state = state;
  slots.state.textContent = state;
  for (const element of pane.querySelectorAll("form input, form button, [data-ask]")) {
    element.disabled = state !== "open";
  }
  slots.reconnect.hidden = state !== "closed";
}

function showSubscribed(subscribed) {
  slots.subscribe.hidden = subscribed;
  slots.unsubscribe.hidden = !subscribed;
  pane.dataset.subscribed = String(subscribed);
  if (!subscribed) slots.beat.textContent = "not subscribed";
}

function showHeartbeat({ timestamp, uptime_seconds: uptime }) {
  beats++;
  slots.beats.textContent = String(beats);
  slots.beat.textContent = `${timestamp}, connected for ${uptime} s`;
  slots.heart.classList.remove("beating");
  // Reading the layout in between lets the same animation start anew.
  void slots.heart.offsetWidth;
  slots.heart.classList.add("beating");
}

function ask(request) {
  if (socket.readyState !== WebSocket.OPEN) return;
  const text = JSON.stringify({ ...request, reqId: String(++requests) });
  socket.send(text);
  addLine(slots.log, "sent", text, "you");
}

function receive(data) {
  const message = JSON.parse(data);
  const isError = message.error || message.type === "error";
  if (message.type === "heartbeat") showHeartbeat(message);
  else addLine(slots.log, isError ? "received failed" : "received", data);
  if (message.status !== "OK") return;
  if (message.type === "subscribe_response") showSubscribed(true);
  if (message.type === "unsubscribe_response") showSubscribed(false);
}

function connect() {
  const url = new URL("/topics", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  showState("connecting");
  showSubscribed(false);
  socket.addEventListener("open", () => showState("open"));
  socket.addEventListener("message", ({ data }) => receive(data));
  socket.addEventListener("close", ({ code, reason }) => {
    showState("closed");
    showSubscribed(false);
    addLine(slots.log, "note", `Closed with ${code}${reason === "" ? "" : ` “${reason}”`}`);
  });
}

slots.subscribe.addEventListener(
  "click",
  () => ask({ type: "subscribe_request", topic: "heartbeat" }),
);
slots.unsubscribe.addEventListener(
  "click",
  () => ask({ type: "unsubscribe_request", topic: "heartbeat" }),
);
slots.error.addEventListener("click", () => {
  ask({ type: "echo_request", echo: slots.text.value, err: true });
});
slots.form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask({ type: "echo_request", echo: slots.text.value });
  slots.form.reset();
});
slots.reconnect.addEventListener("click", connect);
if (endpoints.includes("/topics")) connect();
else pane.hidden = true;
