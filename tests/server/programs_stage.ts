/**
 * Programs for the tests of processes in other languages.
 *
 * @module
 */

import { findExecutable, type Need } from "../helpers/needs.ts";

/** A shell; wherever tests run there is one. */
export const SHELL: Need = {
  name: "sh",
  executable: findExecutable(["sh"]),
  requiredInCi: true,
};

/** Python, line by line: `on(message)` says what is written. */
export function pythonJson(body: string): string {
  return `import json, os, sys
def write(**command):
    sys.stdout.write(json.dumps(command) + "\\n")
    sys.stdout.flush()
for line in sys.stdin:
    m = json.loads(line)
    kind = m["kind"]
${body.trim().split("\n").map((line) => `    ${line}`).join("\n")}
`;
}

/** Answers each message, calls with its pid, and makes itself known. */
export const ECHO = pythonJson(`
if kind == "connect":
    write(to=m["id"], body="from %d" % os.getpid())
elif kind == "message":
    if "base64" in m:
        write(to=m["id"], base64=m["base64"])
    elif m["body"] == "close":
        write(to=m["id"], close=4000, reason="as asked")
    else:
        write(to=m["id"], body=m["body"])
elif kind == "disconnect":
    sys.stderr.write("gone %d\\n" % m["code"])
    sys.stderr.flush()
elif kind == "call":
    if m["message"] == "pid":
        write(reply=m["ref"], value=os.getpid())
    elif m["message"] == "fail":
        write(reply=m["ref"], error="as asked")
elif kind == "ask":
    write(call="r1", to=m["to"], message=m["message"])
elif kind == "reply":
    sys.stderr.write("answer %s\\n" % json.dumps(m))
    sys.stderr.flush()
`);

/** Whether a process of the system is there and not only waits to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
