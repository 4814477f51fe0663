// Throws dice for any number of connections: a text such as "3" is how many.
import { createInterface } from "node:readline";

const write = (command) => process.stdout.write(JSON.stringify(command) + "\n");

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, id, body } = JSON.parse(line);
  if (kind !== "message") continue;
  const count = Number(body);
  if (!(count >= 1 && count <= 100)) {
    write({ to: id, close: 4000, reason: "expected 1 to 100" });
    continue;
  }
  const dice = Array.from({ length: count }, () => 1 + Math.floor(Math.random() * 6));
  write({ to: id, body: dice.join(" ") });
}
