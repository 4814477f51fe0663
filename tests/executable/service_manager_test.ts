import { join } from "node:path";
import { assertEquals } from "../helpers/assert.ts";
import { PYTHON } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { askOnce, stop, testEverywhere } from "./stage.ts";

/** A service manager, as far as it listens: prints each notification as a line. */
const MANAGER = `
import json, os, socket, sys
path = sys.argv[1]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind("\\0" + path[1:] if path.startswith("@") else path)
if not path.startswith("@"):
    os.chmod(path, 0o777)
print("listening", flush=True)
while True:
    print(json.dumps(server.recv(4096).decode().split("\\n")), flush=True)
`;

const FLAGS = ["--port", "0", "--log-format", "json"];

for (const kind of ["a file", "no file"]) {
  testEverywhere(
    `the executable tells the socket of a service manager, ${kind}, how it is`,
    async (folder, python) => {
      const path = kind === "a file"
        ? join(folder.path, "socket")
        : `@troupe-test-${crypto.randomUUID()}`;
      await using manager = new Program({ executable: python, args: ["-c", MANAGER, path] });
      await manager.find("it listens", (line) => line === "listening" || undefined);
      await using program = folder.start(FLAGS, { NOTIFY_SOCKET: path });
      const told = (count: number) => {
        let seen = 0;
        return manager.find(`notification ${count}`, (line) => {
          return line.startsWith("[") && ++seen === count ? JSON.parse(line) : undefined;
        });
      };
      assertEquals(await told(1), ["READY=1", "STATUS=Ready"]);
      // Whoever waits for it can connect.
      assertEquals(await askOnce(await program.port(), "/ws", "héllo"), "héllo");
      program.signal("SIGHUP");
      assertEquals(await told(2), ["RELOADING=1", "STATUS=Reloading"]);
      assertEquals(await told(3), ["READY=1", "STATUS=Ready"]);
      await stop(program);
      assertEquals(await told(4), ["STOPPING=1", "STATUS=Draining"]);
      await folder.assertPermitted(program.lines);
    },
    PYTHON,
  );
}

testEverywhere(
  "the executable serves although its service manager cannot be told",
  async (folder) => {
    const missing = join(folder.path, "missing");
    await using program = folder.start(FLAGS, { NOTIFY_SOCKET: missing });
    await program.find("the complaint", (line) => line.includes("Cannot tell") || undefined);
    assertEquals(await askOnce(await program.port(), "/ws", "héllo"), "héllo");
    await stop(program);
  },
);
