// @ts-self-types="./troupe.d.ts"
//
// The browser client of Troupe's events: the names of Iris' client `Ws`, and on
// top of them reconnecting and a queue for the time without a connection.
//
//   <script src="/troupe.js"></script>               gives the global `Ws`
//   import { Ws } from "/troupe.js";                 gives the same as a module
//
// Messages are `PREFIX EVENT;TYPE;DATA`; anything else is a native message.

// deno-lint-ignore no-var -- in a script this makes it a property of `window`, as pages expect
var Ws = (() => {
  /** An attribute of the script tag may name another prefix than the server's default. */
  const prefixOfTag = globalThis.document?.currentScript?.dataset.eventPrefix;

  const DEFAULTS = Object.freeze({
    eventPrefix: prefixOfTag ?? "m:",
    reconnect: true,
    minDelayMs: 500,
    maxDelayMs: 30_000,
    stableMs: 5_000,
    queueSize: 1_000,
    heartbeatMs: 30_000,
  });

  /** The two events that tell a quiet network from a dead one; they reach no listener. */
  const HEARTBEAT = Object.freeze({ ping: "troupe:ping", pong: "troupe:pong" });

  /** What had arrived is read in that time before a connection is given up, at most. */
  const GRACE_MS = 1_000;

  /** Questions in a row that may go unanswered because this side was late itself. */
  const MAX_LATE = 3;

  /** Time for one attempt to connect, and time for the server to answer a close frame. */
  const CONNECT_MS = 30_000;
  const CLOSE_MS = 5_000;

  const TYPE = Object.freeze({ string: "0", number: "1", boolean: "2", bytes: "3", json: "4" });
  const SEMICOLON = 0x3b;

  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  function resolveEndpoint(endpoint) {
    const isSecure = globalThis.location?.protocol === "https:";
    if (/^wss?:\/\//i.test(endpoint)) return endpoint;
    if (/^https?:\/\//i.test(endpoint)) return endpoint.replace(/^http/i, "ws");
    if (!endpoint.startsWith("/")) return `${isSecure ? "wss" : "ws"}://${endpoint}`;
    const url = new URL(endpoint, globalThis.location.href);
    url.protocol = isSecure ? "wss:" : "ws:";
    return url.href;
  }

  function encode(prefix, event, data) {
    if (typeof event !== "string" || event === "" || event.includes(";")) {
      throw new TypeError(
        `Cannot emit ${JSON.stringify(event)}: expected a name without ";" that is not empty`,
      );
    }
    const head = `${prefix}${event};`;
    if (isBuffer(data) || ArrayBuffer.isView(data)) {
      return encodeBytes(`${head}${TYPE.bytes};`, data);
    }
    return head + encodeData(event, data);
  }

  /** Also one of another frame, whose class is another. */
  function isBuffer(data) {
    return Object.prototype.toString.call(data) === "[object ArrayBuffer]";
  }

  function bytesOf(data) {
    if (isBuffer(data)) return new Uint8Array(data);
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  /** What `WebSocket.send` would send now, whatever becomes of the original. */
  function snapshot(message) {
    if (isBuffer(message) || ArrayBuffer.isView(message)) return bytesOf(message).slice();
    return globalThis.Blob !== undefined && message instanceof Blob ? message : `${message}`;
  }

  function encodeBytes(head, data) {
    const bytes = bytesOf(data);
    const start = encoder.encode(head);
    const whole = new Uint8Array(start.length + bytes.length);
    whole.set(start);
    whole.set(bytes, start.length);
    return whole;
  }

  function encodeData(event, data) {
    if (data === undefined) return `${TYPE.string};`;
    if (typeof data === "string") return `${TYPE.string};${data}`;
    if (typeof data === "boolean") return `${TYPE.boolean};${data}`;
    if (Number.isFinite(data)) return `${TYPE.number};${data}`;
    const json = typeof data === "number" ? undefined : JSON.stringify(data);
    if (json !== undefined) return `${TYPE.json};${json}`;
    throw new TypeError(
      `Cannot emit ${JSON.stringify(event)}: expected a string, a finite number, a boolean, ` +
        `bytes or JSON, got ${String(data)}`,
    );
  }

  /** Event, text and value of a message; undefined for a native one. */
  function decode(prefix, message) {
    if (typeof message === "string") return decodeText(prefix, message);
    const bytes = new Uint8Array(message);
    const start = encoder.encode(prefix);
    if (!start.every((byte, index) => bytes[index] === byte)) return undefined;
    const end = bytes.indexOf(SEMICOLON, start.length);
    const found = decodeText(prefix, decoder.decode(bytes));
    if (found?.type === TYPE.bytes) found.value = bytes.slice(end + 3);
    return found;
  }

  function decodeText(prefix, message) {
    if (!message.startsWith(prefix)) return undefined;
    const end = message.indexOf(";", prefix.length);
    if (end <= prefix.length || message[end + 2] !== ";") return undefined;
    const type = message[end + 1];
    const text = message.slice(end + 3);
    return { event: message.slice(prefix.length, end), type, text, value: valueOf(type, text) };
  }

  function valueOf(type, text) {
    if (type === TYPE.string) return text;
    if (type === TYPE.number) return Number(text);
    if (type === TYPE.boolean) return text === "true";
    if (type === TYPE.bytes) return encoder.encode(text);
    try {
      return type === TYPE.json ? JSON.parse(text) : undefined;
    } catch {
      // The listener still has the text.
      return undefined;
    }
  }

  /** One that throws does not keep the others from being called. */
  function fire(listeners, ...args) {
    for (const listener of [...listeners]) {
      try {
        listener(...args);
      } catch (error) {
        globalThis.reportError(error);
      }
    }
  }

  /**
   * Asks over a connection from which nothing came for `periodMs`, and says it is
   * dead if then nothing comes for as long again. What had arrived is read first:
   * a timer that is late tells of this side, not of the other, and asks anew.
   */
  class Heartbeat {
    #periodMs;
    #graceMs;
    #ask;
    #onSilence;
    #timer;
    #dueMs;
    #late = 0;
    #isAsking = false;
    #hasHeard = false;

    constructor(periodMs, ask, onSilence) {
      this.#periodMs = periodMs;
      this.#graceMs = Math.min(GRACE_MS, periodMs / 2);
      this.#ask = ask;
      this.#onSilence = onSilence;
      this.#wait(periodMs, () => this.#afterPeriod());
    }

    get isAsking() {
      return this.#isAsking;
    }

    heard() {
      this.#hasHeard = true;
    }

    stop() {
      clearTimeout(this.#timer);
    }

    ask() {
      this.stop();
      this.#hasHeard = false;
      this.#isAsking = true;
      this.#wait(this.#periodMs, () => this.#afterPeriod());
      this.#ask();
    }

    #wait(delayMs, then) {
      this.#dueMs = Date.now() + delayMs;
      this.#timer = setTimeout(then, delayMs);
    }

    #afterPeriod() {
      if (this.#hasHeard) return this.#goOn();
      if (!this.#isAsking || this.#wasLate()) return this.ask();
      this.#wait(this.#graceMs, () => this.#afterGrace());
    }

    #afterGrace() {
      if (this.#hasHeard) return this.#goOn();
      if (this.#wasLate()) return this.ask();
      this.#onSilence();
    }

    #goOn() {
      this.#late = 0;
      this.#hasHeard = false;
      this.#isAsking = false;
      this.#wait(this.#periodMs, () => this.#afterPeriod());
    }

    /** A hidden page may be late every time: that is believed for so often. */
    #wasLate() {
      return Date.now() - this.#dueMs > this.#graceMs && this.#late++ < MAX_LATE;
    }
  }

  return class Ws {
    static DEFAULTS = DEFAULTS;
    #url;
    #protocols;
    #options;
    #socket;
    #openedMs;
    #timer;
    #dueMs = 0;
    #attempt = 0;
    #heartbeat;
    /** Whether the server answers heartbeats; undefined while that is not known. */
    #answers;
    #wasDoubted = false;
    /** What the listeners were told last. */
    #told = "nothing";
    #isOver = false;
    #isReady = false;
    #queue = [];
    #connects = [];
    #disconnects = [];
    #natives = [];
    #answerer;
    #events = new Map();

    constructor(endpoint, protocols = [], options = {}) {
      this.#url = resolveEndpoint(endpoint);
      this.#protocols = Array.isArray(protocols) ? [...protocols] : protocols ?? [];
      const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
      this.#options = { ...DEFAULTS, ...Object.fromEntries(given) };
      globalThis.addEventListener?.("online", this.#wake);
      globalThis.document?.addEventListener("visibilitychange", this.#wake);
      this.#connect();
    }

    /** By the table of close codes: what may pass, and 4000 to 4499. */
    static mayReconnect(code) {
      if (code >= 4000) return code <= 4499;
      return [1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015].includes(code);
    }

    /** Doubles from attempt to attempt; half of it is left to chance. */
    static delayMs(attempt, random = Math.random(), options = DEFAULTS) {
      const { minDelayMs, maxDelayMs } = options;
      const cap = Math.min(maxDelayMs, minDelayMs * 2 ** attempt);
      return cap / 2 + random * cap / 2;
    }

    get isReady() {
      return this.#isReady;
    }

    get isOver() {
      return this.#isOver;
    }

    get queued() {
      return this.#queue.length;
    }

    OnConnect(listener) {
      this.#connects.push(listener);
      if (this.#isReady) fire([listener]);
    }

    OnDisconnect(listener) {
      this.#disconnects.push(listener);
    }

    OnMessage(listener) {
      this.#natives.push(listener);
    }

    OnAsk(listener) {
      this.#answerer = listener;
    }

    On(event, listener) {
      const listeners = this.#events.get(event);
      if (listeners === undefined) this.#events.set(event, [listener]);
      else listeners.push(listener);
    }

    Emit(event, data) {
      return this.EmitMessage(encode(this.#options.eventPrefix, event, data));
    }

    EmitMessage(message) {
      if (this.#isOver) return false;
      if (this.#socket?.readyState === WebSocket.OPEN) {
        this.#socket.send(message);
        return true;
      }
      if (this.#queue.length >= this.#options.queueSize) return false;
      this.#queue.push(snapshot(message));
      return true;
    }

    SendToken(token) {
      return this.EmitMessage(JSON.stringify({ token }));
    }

    Disconnect() {
      if (this.#isOver) return;
      clearTimeout(this.#timer);
      this.#over();
      // Without a socket nothing else would tell of the end.
      if (this.#socket === undefined) return this.#tellEnd(1000, "", undefined);
      this.#socket.close(1000);
      // A dead network never brings the answer.
      this.#timer = setTimeout(() => this.#abandon(""), CLOSE_MS);
    }

    #over() {
      this.#isOver = true;
      this.#queue = [];
      this.#heartbeat?.stop();
      globalThis.removeEventListener?.("online", this.#wake);
      globalThis.document?.removeEventListener("visibilitychange", this.#wake);
    }

    #connect() {
      const socket = new WebSocket(this.#url, this.#protocols);
      socket.binaryType = "arraybuffer";
      this.#socket = socket;
      this.#openedMs = undefined;
      this.#timer = setTimeout(() => this.#abandon("no connection in time"), CONNECT_MS);
      socket.onopen = () => this.#opened(socket);
      socket.onmessage = ({ data }) => this.#receive(data);
      // Deno says 0 where browsers say 1006.
      socket.onclose = ({ code, reason }) => this.#closed(code || 1006, reason);
    }

    /** Treats the socket as closed; to wait for its `close` can take a quarter of an hour. */
    #abandon(reason) {
      const socket = this.#socket;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      this.#closed(1006, reason);
    }

    #opened(socket) {
      clearTimeout(this.#timer);
      this.#openedMs = performance.now();
      this.#told = "up";
      // Those that are added meanwhile are called too: nobody else would for this connection.
      for (let index = 0; index < this.#connects.length && !this.#isOver; index++) {
        fire([this.#connects[index]]);
      }
      if (this.#isOver) return;
      this.#isReady = true;
      // After the listeners, so that they can join again what the queue is meant for.
      while (this.#queue.length > 0 && socket.readyState === WebSocket.OPEN) {
        socket.send(this.#queue.shift());
      }
      this.#beat(socket);
    }

    #beat(socket) {
      const { heartbeatMs, eventPrefix } = this.#options;
      if (!(heartbeatMs > 0)) return;
      const ping = encode(eventPrefix, HEARTBEAT.ping);
      const ask = () => {
        if (socket.readyState === WebSocket.OPEN) socket.send(ping);
      };
      this.#heartbeat = new Heartbeat(heartbeatMs, ask, () => this.#silent());
    }

    /**
     * Nothing came after a ping. A server that never answered one may be of a kind
     * that has no answer: it is doubted once, and from then on left in peace.
     */
    #silent() {
      if (this.#answers === undefined && this.#wasDoubted) this.#answers = false;
      if (this.#answers === false) return;
      this.#wasDoubted = true;
      this.#abandon("no answer to a heartbeat");
    }

    /** The network is back, or somebody looks at the page: now rather than later. */
    #wake = () => {
      if (globalThis.document?.visibilityState === "hidden") return;
      if (this.#socket !== undefined) {
        if (this.#isReady && !this.#heartbeat?.isAsking) this.#heartbeat?.ask();
        return;
      }
      const delayMs = Ws.delayMs(0, Math.random(), this.#options);
      if (Date.now() + delayMs < this.#dueMs) this.#connectIn(delayMs);
    };

    #connectIn(delayMs) {
      clearTimeout(this.#timer);
      this.#dueMs = Date.now() + delayMs;
      this.#timer = setTimeout(() => this.#connect(), delayMs);
    }

    #receive(data) {
      const found = decode(this.#options.eventPrefix, data);
      if (found?.event === HEARTBEAT.pong) this.#answers = true;
      // This came instead of an answer: an older server, as long as no answer comes.
      else if (this.#heartbeat?.isAsking) this.#answers ??= false;
      this.#heartbeat?.heard();
      // One that sends everything back sends the ping too.
      if (found?.event === HEARTBEAT.pong || found?.event === HEARTBEAT.ping) return;
      if (found === undefined && this.#answerer !== undefined && this.#isAsked(data)) return;
      if (found === undefined) fire(this.#natives, data);
      else fire(this.#events.get(found.event) ?? [], found.text, found.value);
    }

    /** Whether a message is a question; then it is answered. */
    #isAsked(data) {
      if (typeof data !== "string" || !data.startsWith('{"ask":"')) return false;
      let question;
      try {
        question = JSON.parse(data);
      } catch {
        return false;
      }
      this.#answer(question, this.#socket);
      return true;
    }

    async #answer({ ask, message }, socket) {
      const answer = { answer: ask };
      try {
        answer.value = (await this.#answerer(message)) ?? null;
      } catch (error) {
        answer.error = String(error?.message ?? error);
      }
      // Whoever asked waits for this connection alone.
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(answer));
    }

    #closed(code, reason) {
      const lastedMs = this.#openedMs === undefined ? 0 : performance.now() - this.#openedMs;
      clearTimeout(this.#timer);
      this.#heartbeat?.stop();
      this.#heartbeat = undefined;
      this.#socket = undefined;
      this.#isReady = false;
      if (this.#isOver || !this.#options.reconnect || !Ws.mayReconnect(code)) {
        this.#over();
        return this.#tellEnd(code, reason, undefined);
      }
      // A server that accepts and closes at once is not asked again at full speed.
      if (lastedMs >= this.#options.stableMs) this.#attempt = 0;
      const delayMs = Ws.delayMs(this.#attempt++, Math.random(), this.#options);
      this.#connectIn(delayMs);
      if (this.#told !== "down") this.#tellEnd(code, reason, delayMs);
    }

    #tellEnd(code, reason, reconnectInMs) {
      this.#told = "down";
      fire(this.#disconnects, { code, reason, reconnectInMs });
    }
  };
})();

// The same file is a script and a module. To a module, the next line awaits a
// regular expression and the one after it exports. To a script, `await` is a
// name like any other, divided by an element of `Ws`; the comment that begins
// in the brackets hides the export.
typeof await /Ws[/*]/;
export { Ws };
//*/ 0];
