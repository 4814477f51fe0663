// The operator's page. It asks the API for what it shows, once a second, over one WebSocket, which
// is closed while nobody looks at it.
// @ts-ignore -- the server has it beside this file
import { html, render, useEffect, useMemo, useRef, useState } from "./preact.js";

const API = "../api/v1";
const PERIOD_MS = 1000;
const HISTORY = 300;
const TOKEN_KEY = "troupe.token";

/** The token comes in the fragment, which no server sees, and does not stay there. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    sessionStorage.setItem(TOKEN_KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY);
}

let token = takeToken();

async function call(method, path, body) {
  const response = await fetch(API + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  const error = new Error(answer.detail ?? response.statusText);
  error.status = response.status;
  throw error;
}

/** The one WebSocket, as a promise of what asks over it; none while nobody looks. */
let line;
let leaveLine = () => {};

function openLine() {
  const url = new URL(`${API}/socket`, location.origin + location.pathname);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  const waiting = new Map();
  let lastId = 0;
  const ask = (requests) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      socket.send(JSON.stringify({ id: lastId, requests }));
    });
  const opened = new Promise((resolve, reject) => {
    socket.onopen = () => {
      socket.send(JSON.stringify({ token }));
      resolve(ask);
    };
    socket.onmessage = ({ data }) => {
      const { id, ...answer } = JSON.parse(data);
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    };
    socket.onclose = () => {
      if (line === opened) line = undefined;
      const error = new Error("The connection to the server is lost; trying again");
      reject(error);
      for (const each of waiting.values()) each.reject(error);
    };
  });
  leaveLine = () => {
    if (line === opened) line = undefined;
    socket.close();
  };
  return opened;
}

/** Answers of several questions, in one message. */
async function pull(paths) {
  const ask = await (line ??= openLine());
  const { status, body } = await ask(paths.map((path) => ({ method: "GET", path })));
  if (status !== 200) throw new Error(body.detail);
  const bad = body.results.find(({ status }) => status >= 400);
  if (bad !== undefined) throw new Error(bad.body.detail);
  return body.results.map(({ body }) => body);
}

document.addEventListener("visibilitychange", () => document.hidden && leaveLine());

/**
 * Pulls while the page is looked at; gives the last answers and what went wrong. With `keeps` those
 * to other questions stay until the new ones come.
 */
function usePulled(paths, { keeps = false } = {}) {
  const [state, setState] = useState({ answers: undefined, error: undefined });
  const key = paths.join("\n");
  useEffect(() => {
    let timer;
    let isOver = false;
    const look = async () => {
      clearTimeout(timer);
      if (isOver || document.hidden) return;
      try {
        const answers = await pull(key.split("\n"));
        if (!isOver) setState({ answers, error: undefined });
      } catch (error) {
        if (!isOver) setState((before) => ({ ...before, error }));
      }
      if (!isOver) timer = setTimeout(look, PERIOD_MS);
    };
    if (!keeps) setState({ answers: undefined, error: undefined });
    document.addEventListener("visibilitychange", look);
    look();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [key]);
  return state;
}

const numbers = new Intl.NumberFormat("en");
const round = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const count = (value) => value === undefined ? "–" : numbers.format(value);

function size(bytes) {
  if (bytes === undefined || bytes === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${round.format(bytes)} ${units[unit]}`;
}

function Trouble({ error }) {
  if (error === undefined) return null;
  return html`<p class="bad" role="alert">${error.message}</p>`;
}

function Option({ value, of }) {
  return html`<option value=${value} selected=${value === of}>${value}</option>`;
}

/** The end of an address tells it from others of its node. */
function short(id) {
  const [start, end] = [id.indexOf("<"), id.lastIndexOf("/")];
  return start === -1 ? id : `${id.slice(0, start + 1)}…${id.slice(end)}`;
}

function Table({ caption, columns, rows, keyOf }) {
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>
            ${columns.map(([title, , kind]) => html`<th scope="col" class=${kind}>${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) =>
            html`<tr key=${keyOf(row)}>
              ${columns.map(([, show, kind]) => html`<td class=${kind}>${show(row)}</td>`)}
            </tr>`
          )}
        </tbody>
      </table>
    </div>
  `;
}

// Overview

/** Sums of all nodes, with rates since the look before. */
function sums(nodes, before) {
  const sum = (key) => nodes.reduce((total, node) => total + (node[key] ?? 0), 0);
  const most = (key) => Math.max(0, ...nodes.map((node) => node[key] ?? 0));
  const totals = {
    atMs: Date.now(),
    nodes: nodes.length,
    actors: sum("actors"),
    connections: sum("connections"),
    messagesIn: sum("messagesReceived"),
    messagesOut: sum("messagesSent"),
    bytesIn: sum("bytesReceived"),
    bytesOut: sum("bytesSent"),
    refused: sum("refused"),
    slow: sum("slowConsumers"),
    dropped: sum("messagesDropped"),
    lagMs: most("eventLoopLagMs"),
    rssBytes: sum("rssBytes"),
  };
  const seconds = before === undefined ? 0 : (totals.atMs - before.atMs) / 1000;
  // Of the first look there is none, and a gap in the chart.
  const rate = (key) => seconds > 0 ? Math.max(0, (totals[key] - before[key]) / seconds) : null;
  const keys = ["messagesIn", "messagesOut", "bytesIn", "bytesOut"];
  return { ...totals, rates: Object.fromEntries(keys.map((key) => [key, rate(key)])) };
}

const seen = [];

function Chart({ title, series }) {
  const place = useRef();
  const chart = useRef();
  const data = [
    seen.map(({ atMs }) => atMs / 1000),
    ...series.map(([, read]) => seen.map(read)),
  ];
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const [accent, good, soft, line] = ["--accent", "--good", "--soft", "--line"]
      .map((name) => style.getPropertyValue(name));
    const thin = { stroke: line, width: 1 };
    const axis = { stroke: soft, grid: thin, ticks: thin };
    chart.current = new globalThis.uPlot(
      {
        title,
        width: Math.max(200, place.current.clientWidth),
        height: 180,
        cursor: { drag: { x: false, y: false } },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [axis, { ...axis, size: 60 }],
        series: [
          {},
          ...series.map(([label], index) => ({ label, stroke: [accent, good][index], width: 2 })),
        ],
      },
      data,
      place.current,
    );
    const resize = () => chart.current.setSize({ width: place.current.clientWidth, height: 180 });
    addEventListener("resize", resize);
    return () => {
      removeEventListener("resize", resize);
      chart.current.destroy();
    };
  }, []);
  useEffect(() => chart.current.setData(data));
  return html`
    <div class="chart">
      <div ref=${place} role="img" aria-label=${title}></div>
    </div>
  `;
}

function Overview() {
  const { answers, error } = usePulled(["/nodes", "/info"]);
  if (answers === undefined) {
    return html`
      <${Trouble} error=${error} />
      <p>Loading…</p>
    `;
  }
  const [{ nodes }, info] = answers;
  const last = seen.at(-1);
  if (last === undefined || last.source !== nodes) {
    seen.push({ ...sums(nodes, last), source: nodes });
    if (seen.length > HISTORY) seen.shift();
  }
  const now = seen.at(-1);
  const cards = [
    ["Nodes", count(now.nodes)],
    ["Workers", count(info.workers)],
    ["Connections", count(now.connections)],
    ["Actors", count(now.actors)],
    ["Messages in /s", showRate(now.rates.messagesIn)],
    ["Messages out /s", showRate(now.rates.messagesOut)],
    ["Bytes in /s", size(now.rates.bytesIn)],
    ["Bytes out /s", size(now.rates.bytesOut)],
    ["Event-loop lag", `${round.format(now.lagMs)} ms`],
    ["Memory", size(now.rssBytes)],
    ["Refused handshakes", count(now.refused)],
    ["Slow consumers", count(now.slow)],
    ["Messages dropped", count(now.dropped)],
  ];
  return html`
    <h2>Overview</h2>
    <${Trouble} error=${error} />
    <dl class="cards">
      ${cards.map(([title, value]) =>
        html`
          <div>
            <dt>${title}</dt>
            <dd>${value}</dd>
          </div>
        `
      )}
    </dl>
    <div class="charts">
      <${Chart} title="Messages a second" series=${[
        ["in", ({ rates }) => rates.messagesIn],
        ["out", ({ rates }) => rates.messagesOut],
      ]} />
      <${Chart} title="Connections" series=${[["open", ({ connections }) => connections]]} />
      <${Chart} title="Event-loop lag in ms" series=${[["lag", ({ lagMs }) => lagMs]]} />
      <${Chart} title="Memory in MiB" series=${[["rss", ({ rssBytes }) => rssBytes / 1048576]]} />
    </div>
    <p>Troupe ${info.version}, Deno ${info.deno}, since ${info.startedAt}</p>
  `;
}

// Actors

const hrefOf = (id) => `#/actors/${encodeURIComponent(id)}`;

function ActorLink({ id, name }) {
  return html`<a href=${hrefOf(id)} title=${id}><code>${name || short(id)}</code></a>`;
}

/** Messages a second that actors have taken in since the look before. */
function useRates(rows) {
  const before = useRef({ rows: undefined, atMs: 0, accepted: new Map(), rates: new Map() });
  const last = before.current;
  if (rows === undefined || rows === last.rows) return last.rates;
  const atMs = performance.now();
  const seconds = (atMs - last.atMs) / 1000;
  const rates = new Map(
    rows.filter(({ id }) => last.accepted.has(id)).map(({ id, accepted }) => [
      id,
      Math.max(0, (accepted - last.accepted.get(id)) / seconds),
    ]),
  );
  const accepted = new Map(rows.map(({ id, accepted }) => [id, accepted]));
  before.current = { rows, atMs, accepted, rates };
  return rates;
}

const showRate = (rate) => rate === undefined || rate === null ? "–" : round.format(rate);

const MOST_OPEN = 100;

function Branch({ id, branches, rates, toggle }) {
  const rows = branches[id];
  return html`
    <ul>
      ${rows.map((row) => {
        const isOpen = branches[row.id] !== undefined;
        const label = `Children of ${row.name || row.id}`;
        return html`
          <li key=${row.id}>
            <button class="fold" aria-expanded=${isOpen} aria-label=${label}
              onClick=${() => toggle(row.id)}>${isOpen ? "−" : "+"}</button>${" "}
            <${ActorLink} id=${row.id} name=${row.name} />
            <span class="facts">
              ${row.kind}, ${row.state}, ${count(row.mailbox)} wait${rates.has(row.id) &&
                `, ${showRate(rates.get(row.id))}/s`}
              ${row.restarts > 0 &&
                html`, <span class="bad">started again ${count(row.restarts)} times</span>`}
            </span>
            ${isOpen && html`<${Branch} id=${row.id} ...${{ branches, rates, toggle }} />`}
          </li>
        `;
      })}
      ${rows.length === 0 && html`<li class="facts">none</li>`}
      ${rows.length === 100 && html`<li class="facts">the first 100 are shown</li>`}
    </ul>
  `;
}

function Tree() {
  const [open, setOpen] = useState(["none"]);
  const unfolded = useRef(new Set(["none"]));
  const query = new URLSearchParams({ open: open.join(","), limit: "100" });
  const { answers, error } = usePulled([`/tree?${query}`], { keeps: true });
  const branches = answers?.[0].branches ?? {};
  const rates = useRates(useMemo(() => answers && Object.values(branches).flat(), [answers]));
  // Supervisors have no name: they are unfolded once, the rest is up to whoever looks.
  useEffect(() => {
    const isFresh = ({ id, kind, name }) =>
      kind === "process" && name === "" && !unfolded.current.has(id);
    const inner = Object.values(branches).flat().filter(isFresh).map(({ id }) => id).slice(0, 20);
    if (inner.length === 0 || unfolded.current.size > MOST_OPEN / 2) return;
    for (const id of inner) unfolded.current.add(id);
    setOpen([...open, ...inner].slice(0, MOST_OPEN));
  }, [answers]);
  const toggle = (id) =>
    setOpen(
      open.includes(id) ? open.filter((each) => each !== id) : [...open, id].slice(-MOST_OPEN),
    );
  return html`
    <h2>Supervision tree</h2>
    <p><a href="#/actors">As a table</a></p>
    <${Trouble} error=${error} />
    ${branches.none && html`
      <div class="tree">
        <${Branch} id="none" ...${{ branches, rates, toggle }} />
      </div>
    `}
  `;
}

function Actors() {
  const [filter, setFilter] = useState({ sort: "mailbox", kind: "", q: "", parent: "" });
  const query = new URLSearchParams({ limit: "100" });
  for (const [key, value] of Object.entries(filter)) if (value !== "") query.set(key, value);
  const { answers, error } = usePulled([`/actors?${query}`]);
  const rates = useRates(answers?.[0].actors);
  const set = (key) => (event) => setFilter({ ...filter, [key]: event.target.value });
  const columns = [
    ["Actor", ({ id, name }) => html`<${ActorLink} id=${id} name=${name} />`],
    ["Kind", ({ kind }) => kind],
    ["State", ({ state }) => state],
    ["Mailbox", ({ mailbox }) => count(mailbox), "number"],
    ["Accepted", ({ accepted }) => count(accepted), "number"],
    ["Per second", ({ id }) => showRate(rates.get(id)), "number"],
    ["Refused", ({ overflows }) => count(overflows), "number"],
    ["Restarts", ({ restarts }) => count(restarts), "number"],
    ["Parent", ({ parent }) => parent && html`<${ActorLink} id=${parent} />`],
    ["Node", ({ node }) => node],
  ];
  return html`
    <h2>Actors</h2>
    <p><a href="#/tree">As a tree</a></p>
    <form onSubmit=${(event) => event.preventDefault()}>
      <label>Sorted by
        <select value=${filter.sort} onChange=${set("sort")}>
          ${["mailbox", "accepted", "overflows", "name", "id"].map((each) =>
            html`<${Option} value=${each} of=${filter.sort} />`
          )}
        </select>
      </label>
      <label>Kind
        <select value=${filter.kind} onChange=${set("kind")}>
          <option value="">all</option>
          ${["process", "connection", "meta"].map((each) =>
            html`<${Option} value=${each} of=${filter.kind} />`
          )}
        </select>
      </label>
      <label>Name or address has
        <input type="search" value=${filter.q} onInput=${set("q")} />
      </label>
    </form>
    <${Trouble} error=${error} />
    ${answers &&
      html`
        <${Table} caption="The first 100 actors" columns=${columns} rows=${answers[0].actors}
          keyOf=${({ id }) => id} />
      `}
  `;
}

function useAction() {
  const [result, setResult] = useState("");
  const act = async (work) => {
    setResult("…");
    try {
      setResult(JSON.stringify(await work(), null, 2));
    } catch (error) {
      setResult(error.message);
    }
  };
  return [result, act];
}

function readMessage(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Prints what passes, until it is stopped or left. */
function Tap({ query }) {
  const [lines, setLines] = useState(undefined);
  const over = useRef();
  const stop = () => over.current?.abort();
  useEffect(() => stop, [query]);
  const start = async () => {
    over.current = new AbortController();
    setLines([]);
    try {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${API}/tap?${query}`, { headers, signal: over.current.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = "";;) {
        const { value, done } = await reader.read();
        if (done) break;
        const parts = (rest + value).split("\n");
        rest = parts.pop();
        const data = parts.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        setLines((before) => [...before, ...data].slice(-200));
      }
    } catch {
      // It was stopped, or the server has gone.
    }
  };
  return html`
    <h3>What passes</h3>
    <button onClick=${start}>Tap</button> <button onClick=${stop}>Stop</button>
    ${lines && html`<pre aria-live="off">${lines.join("\n") || "Nothing yet"}</pre>`}
  `;
}

function Actor({ id }) {
  const path = `/actors/${encodeURIComponent(id)}`;
  const { answers, error } = usePulled([path]);
  const [message, setMessage] = useState("");
  const [result, act] = useAction();
  const isClient = id.startsWith("Alias#");
  const [found] = answers ?? [];
  const links = (title, ids) =>
    ids.length === 0 ? null : html`
      <h3>${title}</h3>
      <p>${ids.map((each) =>
        html`
          <${ActorLink} id=${each} />
        `
      )}</p>
    `;
  const send = () =>
    call("POST", `${path}/send`, isClient ? { text: message } : { message: readMessage(message) });
  const ask = () => call("POST", `${path}/ask`, { message: readMessage(message) });
  return html`
    <p><a href="#/actors">All actors</a></p>
    <h2><code>${found?.inspect.name || id}</code></h2>
    <${Trouble} error=${error} />
    ${found && html`
      <${Table} caption="What it says of itself" rows=${Object.entries(found.inspect)}
        keyOf=${([key]) => key}
        columns=${[["Field", ([key]) => key], ["Value", ([, value]) => String(value)]]} />
      ${found.parent && links("Parent", [found.parent])}
      ${links("Children", found.children.map((each) => each.id))}
      ${links("Links", found.links)} ${links("Linked by", found.linkedBy)}
      ${links("Monitors", found.monitors)} ${links("Monitored by", found.monitoredBy)}
    `}
    <form onSubmit=${(event) => event.preventDefault()}>
      <label>Message, as JSON or text
        <input value=${message} onInput=${(event) => setMessage(event.target.value)} size="40" />
      </label>
      <button onClick=${() => act(send)}>Send</button>
      <button onClick=${() => act(ask)}>Ask</button>
      <button class="main" onClick=${() =>
        confirm(isClient ? "Close this connection?" : "Stop this process?") &&
        act(() => call("DELETE", path))}>${isClient ? "Close" : "Stop"}</button>
    </form>
    <pre aria-live="polite">${result}</pre>
    <${Tap} query=${new URLSearchParams({ actor: id })} />
  `;
}

// Connections

function Connections() {
  const [filter, setFilter] = useState({ user: "", ip: "", endpoint: "" });
  const [result, act] = useAction();
  const query = new URLSearchParams({ limit: "100" });
  for (const [key, value] of Object.entries(filter)) if (value !== "") query.set(key, value);
  const { answers, error } = usePulled([`/connections?${query}`]);
  const set = (key) => (event) => setFilter({ ...filter, [key]: event.target.value });
  const close = (path) => confirm("Close?") && act(() => call("DELETE", path));
  const isFiltered = Object.values(filter).some((value) => value !== "");
  const columns = [
    ["Connection", ({ id }) => html`<${ActorLink} id=${id} />`],
    ["Endpoint", ({ endpoint }) => endpoint],
    ["User", ({ user }) => user],
    ["From", ({ remoteAddr }) => remoteAddr],
    ["Open for", ({ openMs }) => `${count(Math.round(openMs / 1000))} s`, "number"],
    [
      "",
      ({ id }) =>
        html`<button onClick=${() => close(`/actors/${encodeURIComponent(id)}`)}>Close</button>`,
    ],
  ];
  return html`
    <h2>Connections</h2>
    <form onSubmit=${(event) => event.preventDefault()}>
      ${[["user", "User"], ["ip", "Address"], ["endpoint", "Endpoint"]].map(([key, title]) =>
        html`<label>${title}<input value=${filter[key]} onInput=${set(key)} /></label>`
      )}
      <button disabled=${!isFiltered} onClick=${() => {
        query.delete("limit");
        close(`/connections?${query}`);
      }}>Close all of these</button>
    </form>
    <${Trouble} error=${error} />
    <p aria-live="polite">${result}</p>
    ${answers &&
      html`
        <${Table} caption="The first 100 connections" columns=${columns}
          rows=${answers[0].connections} keyOf=${({ id }) => id} />
      `}
  `;
}

// Rooms and topics

function Rooms() {
  const [prefix, setPrefix] = useState("");
  const [room, setRoom] = useState("");
  const query = prefix === "" ? "" : `&prefix=${encodeURIComponent(prefix)}`;
  const paths = [`/rooms?limit=100${query}`, "/topics?limit=100"];
  if (room !== "") paths.push(`/rooms/${encodeURIComponent(room)}/members?limit=100`);
  const { answers, error } = usePulled(paths);
  return html`
    <h2>Rooms and topics</h2>
    <form onSubmit=${(event) => event.preventDefault()}>
      <label>Rooms that begin with
        <input value=${prefix} onInput=${(event) => setPrefix(event.target.value)} />
      </label>
    </form>
    <${Trouble} error=${error} />
    ${answers && html`
      <${Table} caption="The first 100 rooms" rows=${answers[0].rooms} keyOf=${(each) => each.room}
        columns=${[
          [
            "Room",
            (each) =>
              html`<button class="link" onClick=${() => setRoom(each.room)}>${each.room}</button>`,
          ],
          ["Members", ({ members }) => count(members), "number"],
        ]} />
      ${room !== "" && html`
        <h3>Members of ${room}</h3>
        <${Table} caption="The first 100" rows=${answers[2]?.members ?? []} keyOf=${({ id }) => id}
          columns=${[
            ["Id", ({ id }) => id],
            ["Connection", ({ alias }) => html`<${ActorLink} id=${alias} />`],
            ["From", ({ remoteAddr }) => remoteAddr],
          ]} />
        <${Tap} query=${new URLSearchParams({ room })} />
      `}
      <h3>Topics</h3>
      <${Table} caption="The first 100 topics" rows=${answers[1].topics}
        keyOf=${({ topic }) => topic} columns=${[
          ["Topic", ({ topic }) => topic],
          ["Subscribers", ({ subscribers }) => count(subscribers), "number"],
        ]} />
    `}
  `;
}

// Cluster and log

function Cluster() {
  const { answers, error } = usePulled(["/nodes", "/info"]);
  if (answers === undefined) return html`<${Trouble} error=${error} />`;
  const [{ nodes, missing }, { peers = [] }] = answers;
  return html`
    <h2>Cluster</h2>
    <${Trouble} error=${error} />
    ${missing.length > 0 && html`<p class="bad">No answer of ${missing.join(", ")}</p>`}
    <${Table} caption="Nodes" rows=${nodes} keyOf=${({ name }) => name} columns=${[
      ["Node", ({ name }) => name],
      ["State", ({ state }) => state],
      ["Version", ({ version }) => version],
      ["Actors", ({ actors }) => count(actors), "number"],
      ["Connections", ({ connections }) => count(connections), "number"],
      ["Up for", ({ uptimeMs }) => `${count(Math.round(uptimeMs / 1000))} s`, "number"],
    ]} />
    <${Table} caption="Links of this node" rows=${peers} keyOf=${({ name }) => name} columns=${[
      ["Node", ({ name }) => name],
      ["State", ({ state }) => state],
      ["Credit", ({ credit }) => size(credit), "number"],
      ["Link", ({ link }) => JSON.stringify(link)],
    ]} />
  `;
}

function Log() {
  const [node, setNode] = useState("");
  const query = new URLSearchParams({ limit: "200", ...node !== "" && { node } });
  const { answers, error } = usePulled([`/log?${query}`, "/nodes"], { keeps: true });
  const [level, setLevel] = useState("debug");
  const [logger, setLogger] = useState("troupe");
  const [result, act] = useAction();
  const where = node === "" ? {} : { node };
  const set = () => act(() => call("PUT", "/log/level", { level, logger, for: "10m", ...where }));
  return html`
    <h2>Log</h2>
    <form onSubmit=${(event) => event.preventDefault()}>
      <label>Node
        <select value=${node} onChange=${(event) => setNode(event.target.value)}>
          <option value="">this one, levels of all</option>
          ${(answers?.[1].nodes ?? []).map(({ name }) =>
            html`<${Option} value=${name} of=${node} />`
          )}
        </select>
      </label>
      <label>Logger<input value=${logger} onInput=${(event) =>
        setLogger(event.target.value)} /></label>
      <label>Level
        <select value=${level} onChange=${(event) => setLevel(event.target.value)}>
          ${["trace", "debug", "info", "warning", "error", "fatal"].map((each) =>
            html`<${Option} value=${each} of=${level} />`
          )}
        </select>
      </label>
      <button onClick=${set}>Set for 10 minutes</button>
    </form>
    <p aria-live="polite">${result}</p>
    <${Trouble} error=${error} />
    <pre>${(answers?.[0].lines ?? []).map(({ at, level, logger, text }) =>
      `${at} ${level.padEnd(7)} ${logger} ${text}`
    ).join("\n")}</pre>
  `;
}

const PAGES = [
  ["overview", "Overview", Overview],
  ["actors", "Actors", Actors],
  ["tree", "Tree", Tree],
  ["connections", "Connections", Connections],
  ["rooms", "Rooms and topics", Rooms],
  ["cluster", "Cluster", Cluster],
  ["log", "Log", Log],
];

function Login({ onToken }) {
  const [text, setText] = useState("");
  const enter = (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN_KEY, text);
    token = text;
    leaveLine();
    onToken();
  };
  return html`
    <main>
      <h2>Token</h2>
      <p>The server has logged the address of this page with a token; or enter one.</p>
      <form onSubmit=${enter}>
        <label>Token
          <input type="password" autocomplete="off" value=${text}
            onInput=${(event) => setText(event.target.value)} />
        </label>
        <button class="main">Enter</button>
      </form>
    </main>
  `;
}

function App() {
  const [route, setRoute] = useState(location.hash);
  const [, setEntered] = useState(0);
  useEffect(() => {
    const changed = () => setRoute(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  if (token === null) return html`<${Login} onToken=${() => setEntered(1)} />`;
  const [, name = "overview", id] = route.split("/");
  const [, , Page] = PAGES.find(([each]) => each === (name || "overview")) ?? PAGES[0];
  const leave = () => {
    sessionStorage.removeItem(TOKEN_KEY);
    token = null;
    leaveLine();
    setEntered(2);
  };
  return html`
    <header>
      <h1>Troupe</h1>
      <nav aria-label="Pages">
        ${PAGES.map(([each, title]) =>
          html`<a href="#/${each}" aria-current=${each === name ? "page" : undefined}>${title}</a>`
        )}
      </nav>
      <button class="link status" onClick=${leave}>Forget the token</button>
    </header>
    <main>
      ${name === "actors" && id !== undefined
        ? html`<${Actor} key=${id} id=${decodeURIComponent(id)} />`
        : html`<${Page} />`}
    </main>
  `;
}

render(html`<${App} />`, document.getElementById("app"));
