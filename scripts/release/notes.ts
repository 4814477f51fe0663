/**
 * What a release is called and what its text is.
 *
 * @module
 */

/**
 * Checks that a tag is that of the version, as in `v1.2.3`.
 *
 * @throws {Error} If it is not.
 */
export function assertTag(tag: string, version: string): void {
  if (tag === `v${version}`) return;
  throw new Error(
    `Cannot release ${JSON.stringify(tag)}: the version in deno.json is ${version}, ` +
      `expected v${version}`,
  );
}

/**
 * The section of the changelog about a version, without its heading.
 *
 * @throws {Error} If there is none, or nothing in it.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => /^\S+/.exec(text)?.[0] === version);
  const notes = section?.slice(section.indexOf("\n")).trim() ?? "";
  if (notes !== "") return `${notes}\n`;
  throw new Error(`Cannot release ${version}: CHANGELOG.md has no section "## ${version}"`);
}
