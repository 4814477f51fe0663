import { join } from "node:path";
import { parse as untyped } from "@std/yaml";
import { parseConfig } from "../../src/doors/server.ts";
import { assert, assertEquals, assertLess, assertMatch } from "../helpers/assert.ts";
import { findExecutable, type Need, testWith } from "../helpers/needs.ts";
import { ROOT } from "../structure/source_tree.ts";
import { samplesOf } from "./proxy_stage.ts";

const parse: (text: string) => unknown = untyped;

const ANALYZE: Need = {
  name: "systemd-analyze",
  executable: findExecutable(["systemd-analyze"]),
  requiredInCi: false,
};

/** What systemd calls the exposure of a unit that is well protected, at most. */
const MOST_EXPOSURE = 2;

const DRAIN_SECONDS = parseConfig({}).drain.timeoutMs / 1000;

const read = (path: string) => Deno.readTextFile(join(ROOT, "packaging", path));

/** Values of a directive in the unit. */
async function directive(name: string): Promise<string[]> {
  const unit = await read("systemd/troupe.service");
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value]) => value!);
}

async function analyze(executable: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(executable, { args: [...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  return text;
}

testWith(
  ANALYZE,
  "systemd understands all of the unit, and calls it protected",
  async (executable) => {
    const folder = await Deno.makeTempDir();
    try {
      // The program, and the user that it runs as, are not on this machine.
      const unit = (await read("systemd/troupe.service"))
        .replaceAll("/usr/bin/troupe", "/bin/true").replace(/^(User|Group)=.*$/gm, "$1=root");
      const path = join(folder, "troupe.service");
      await Deno.writeTextFile(path, unit);
      assertEquals(await analyze(executable, ["verify", "--man=no", path]), "");
      const report = await analyze(executable, ["security", "--offline=true", "--no-pager", path]);
      // As root, which it is here alone, it is more exposed by 0.4.
      const [, exposure] = /exposure level for \S+: ([\d.]+)/.exec(report) ?? [];
      assertLess(Number(exposure), MOST_EXPOSURE + 0.5);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("the unit waits for the drain, is told when it is ready, and reloads by SIGHUP", async () => {
  assertLess(DRAIN_SECONDS, Number(await directive("TimeoutStopSec")));
  assertEquals(await directive("Type"), ["notify"]);
  assertEquals(await directive("ExecReload"), ["/bin/kill -HUP $MAINPID"]);
  assertEquals(await directive("ExecStartPre"), ["/usr/bin/troupe check"]);
});

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

Deno.test("the compose file has NATS and two nodes, which it lets drain", async () => {
  const { services, volumes } = parse(await read("docker/compose.yaml")) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  };
  assertEquals(Object.keys(services), ["nats", "one", "two"]);
  for (const name of ["one", "two"]) {
    const { command, stop_grace_period, read_only } = services[name]!;
    assertLess(DRAIN_SECONDS, parseInt(stop_grace_period ?? "10"));
    assertEquals(read_only, true);
    // A place for the state of its own, since the root is read-only.
    const { environment, volumes: mounted } = services[name]!;
    assertEquals(mounted, [`${name}:${environment!["XDG_STATE_HOME"]}`]);
    assert(name in volumes);
    assertEquals(command, ["--nats", "nats://nats:4222", "--name", `${name}@${name}`]);
  }
  const ports = ["one", "two"].map((name) => services[name]!.ports![0]);
  assertEquals(new Set(ports).size, 2);
});

Deno.test("the image runs as nobody, is asked for its health, and is stopped by a drain", async () => {
  const text = await read("docker/Dockerfile");
  const lines = text.replaceAll("\\\n", " ").split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const known = /^(FROM|ARG|COPY|WORKDIR|ENV|USER|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT) \S/;
  assertEquals(lines.filter((line) => !known.test(line)), []);
  const of = (name: string) => lines.find((line) => line.startsWith(`${name} `)) ?? "";
  assertEquals(of("USER"), "USER 65532:65532");
  assertEquals(of("STOPSIGNAL"), "STOPSIGNAL SIGTERM");
  const [health] = /\[.*\]$/.exec(of("HEALTHCHECK"))!;
  assertEquals(JSON.parse(health), ["/usr/bin/troupe", "health"]);
  assertEquals(JSON.parse(of("ENTRYPOINT").replace("ENTRYPOINT ", "")), ["/usr/bin/troupe"]);
  assertMatch(of("ENV"), /TROUPE_LISTEN_HOSTNAME=0\.0\.0\.0/);
});

Deno.test("a pod has time for the delay and the drain that its arguments say", async () => {
  const [sample = ""] = await samplesOf("yaml");
  // deno-lint-ignore no-explicit-any
  const { spec: { template: { spec } } } = parse(sample) as any;
  const delay = /^drain\.delay=(\d+)s$/.exec(spec.containers[0].args[1])!;
  assertLess(Number(delay[1]) + DRAIN_SECONDS, spec.terminationGracePeriodSeconds);
  const { livenessProbe, readinessProbe } = spec.containers[0];
  assertEquals(livenessProbe.httpGet.path, "/health/live");
  assertEquals(readinessProbe.httpGet.path, "/health/ready");
  assert(spec.containers[0].securityContext.readOnlyRootFilesystem);
});
