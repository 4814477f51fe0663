/**
 * Keeps secrets out of what is shown: logs, errors, and answers to people.
 *
 * What is shown of a URL goes through here: user and password are left out
 * (RFC 3986, section 3.2.1), and so are parameters that are credentials, such as
 * `?access_token=` (RFC 6750, section 2.3).
 *
 * @module
 */

/** What stands in the place of a secret. */
export const REDACTED = "***";

/** Ends of names, without `-`, `_` and `.`. */
const SECRET_ENDS =
  /(token|secret|password|passwd|passphrase|pwd|apikey|privatekey|accesskey|signature|credentials?|jwt|cookie|authorization|sessionid)$/;

const SECRET_NAMES: ReadonlySet<string> = new Set([
  "auth",
  "key",
  "pass",
  "session",
  "sid",
  "sig",
  "ticket",
]);

/** Longest name that is looked at, in characters: what is longer is none that anybody chose. */
const MAX_NAME = 100;

// Each run ends where the next may begin, so the time is linear in the text.
// A path keeps one of the slashes.
const USERINFO = /(:\/\/?)[^\s/?#"'<>\\]*@/g;
const PARAMETER = /([?&;#])([^\s=&?#;"'<>\\]+)=([^\s&#;"'<>\\]*)/g;
const HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie)((?:"|')?\s{0,4}[:=]\s{0,4})("[^"\r\n]*"?|[^"\r\n]*)/gi;

/** Whether a header, a parameter or a field of that name holds a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > MAX_NAME) return false;
  const plain = decoded(name).toLowerCase().replaceAll(/[-_.[\]]/g, "");
  return SECRET_NAMES.has(plain) || SECRET_ENDS.test(plain);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // It is shown as it stands.
    return name;
  }
}

/** A text without the secrets of URLs and headers that stand in it; the rest is as it was. */
export function redactText(text: string): string {
  return text
    .replace(USERINFO, "$1")
    .replace(
      PARAMETER,
      (whole, start: string, name: string) =>
        isSecretName(name) ? `${start}${name}=${REDACTED}` : whole,
    )
    .replace(HEADER, (_, name: string, colon: string) => `${name}${colon}${REDACTED}`);
}

/**
 * How a URL is shown. Of a text that is no URL, whatever stands before the last
 * `@` is left out: it may be a password with a `/` in it.
 */
export function redactUrl(url: string | URL): string {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.host === "") {
    const text = String(url);
    const scheme = /^[a-z][a-z0-9+.-]{0,30}:\/\//i.exec(text)?.[0] ?? "";
    const at = text.lastIndexOf("@");
    return redactText(at === -1 ? text : `${scheme}${text.slice(at + 1)}`);
  }
  const hasUser = parsed.username !== "" || parsed.password !== "";
  return redactText(hasUser ? withoutUser(parsed) : String(url));
}

/** A URL without user and password, which stays what it is otherwise. */
export function withoutUser(url: URL): string {
  if (url.username === "" && url.password === "") return url.href;
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

/** Plain data without what has the name of a secret, and without the secrets of URLs. */
export function redactData(value: unknown, name = ""): unknown {
  if (name !== "" && isSecretName(name)) return REDACTED;
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((each) => redactData(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, redactData(each, key)]),
  );
}
