// The pane of the chat. What comes from the wire is shown as text, never as HTML.
// `addLine` and `endpoints` are those of pane.js, which the page puts in front of this.

// The page is at `/`, so this is the client at `/troupe.js`.
import { Ws } from "./troupe.js";

const template = document.getElementById("chat");
const list = document.getElementById("chats");

function createSlots(name) {
  const card = template.content.firstElementChild.cloneNode(true);
  card.setAttribute("aria-label", `Chat of ${name}`);
  const slots = Object.fromEntries(
    Array.from(card.querySelectorAll("[data-slot]"), (element) => [element.dataset.slot, element]),
  );
  slots.title.textContent = name;
  slots.log.setAttribute("aria-label", `Messages of ${name}`);
  slots.text.setAttribute("aria-label", `Message of ${name}`);
  slots.room.setAttribute("aria-label", `Room for ${name}`);
  list.append(card);
  return { card, ...slots };
}

function showState({ card, state, text }, value, note) {
  card.dataset.state = state.textContent = value;
  text.disabled = value !== "open";
  if (note !== undefined) addLine(card.querySelector(".log"), "note", note);
}

function describeEnd({ code, reconnectInMs }, wasOpen) {
  const what = wasOpen ? `Lost with ${code}` : "No connection: is /chat an endpoint here?";
  if (reconnectInMs === undefined) return `${what}; not tried again`;
  return `${what}; tried again in ${(reconnectInMs / 1000).toFixed(1)} s`;
}

/** Shows the rooms that the client wants to be in; a click on one leaves it. */
function showRooms(client) {
  client.slots.rooms.replaceChildren(...[...client.rooms].map((room) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = room;
    button.title = `Leave ${room}`;
    button.addEventListener("click", () => leave(client, room));
    return button;
  }));
}

function join(client, room) {
  if (client.rooms.has(room)) return;
  client.rooms.add(room);
  client.ws.Emit("join", room);
  showRooms(client);
}

function leave(client, room) {
  client.rooms.delete(room);
  client.ws.Emit("leave", room);
  showRooms(client);
}

function say(client) {
  const { form, text } = client.slots;
  const room = [...client.rooms].at(-1);
  if (text.value === "") return;
  if (room === undefined) addLine(client.slots.log, "note", "Join a room first");
  else {
    client.ws.Emit("say", { room, text: text.value });
    form.reset();
  }
}

/** What the server tells, as lines of the log. */
function listen({ ws, slots, name }) {
  ws.On("said", (_, { room, id, name: who, text }) => {
    const isOwn = id === slots.card.dataset.id;
    addLine(slots.log, isOwn ? "sent" : "received", text, `${isOwn ? "you" : who} in ${room}`);
  });
  const note = (text) => addLine(slots.log, "note", text);
  ws.On("welcome", (_, { id }) => {
    slots.card.dataset.id = id;
    note(`${name} is ${id}`);
  });
  ws.On("joined", (_, { room, name: who }) => note(`${who} joined ${room}`));
  ws.On("left", (_, { room, name: who }) => note(`${who} left ${room}`));
  ws.On("disconnected", (_, { name: who }) => note(`${who} disconnected`));
  ws.On("refused", (text) => note(text));
}

function openChat(name, firstRoom) {
  const slots = createSlots(name);
  const ws = new Ws("/chat");
  const client = { name, ws, slots, rooms: new Set([firstRoom]) };
  let wasOpen = false;
  showState(slots, "connecting");
  showRooms(client);
  listen(client);
  ws.OnConnect(() => {
    wasOpen = true;
    showState(slots, "open");
    // To the server this is a new connection each time.
    ws.Emit("name", name);
    for (const room of client.rooms) ws.Emit("join", room);
  });
  ws.OnDisconnect((end) => {
    showState(
      slots,
      end.reconnectInMs === undefined ? "closed" : "connecting",
      describeEnd(end, wasOpen),
    );
  });
  slots.join.addEventListener("submit", (event) => {
    event.preventDefault();
    join(client, slots.room.value);
    slots.join.reset();
  });
  slots.form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(client);
  });
}

if (endpoints.includes("/chat")) {
  openChat("Ada", "lobby");
  openChat("Grace", "lobby");
} else list.closest(".pane").hidden = true;
