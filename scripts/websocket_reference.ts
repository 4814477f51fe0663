/**
 * The tables of close codes and of what engine `native` cannot do.
 *
 * @module
 */

import { CLOSE_CODES, NATIVE_SHORTCOMINGS } from "../src/websocket/mod.ts";

/** One row for each close code. */
export function renderCloseCodes(): string {
  const rows = Object.values(CLOSE_CODES).map(({ code, name, meaning, reconnect }) =>
    `| ${code} | ${name} | ${meaning} | ${reconnect ? "yes" : "no"} |`
  );
  return `| Code | Name | Meaning | May the client connect again |
| ---- | ---- | ------- | ---------------------------- |
${rows.join("\n")}
`;
}

/** One row for each thing that the contract of engines asks for and `native` lacks. */
export function renderShortcomings(): string {
  const rows = NATIVE_SHORTCOMINGS.map(({ name, instead }) => `| ${name} | ${instead} |`);
  return `| What it does not do | What happens instead |
| ------------------- | -------------------- |
${rows.join("\n")}
`;
}
