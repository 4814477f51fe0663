/**
 * A real browser without a window, for what only a browser can show.
 *
 * @module
 */

import { type Browser, chromium, type Page } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Deadline of each wait for the page, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** What a page said on its console or threw. */
export interface PageTrouble {
  readonly kind: "console" | "error";
  readonly text: string;
}

/** A browser that is closed at the end of its scope. */
export interface TestBrowser extends AsyncDisposable {
  /** Opens a page of its own; its errors are collected in `trouble`. */
  openPage(url: string, options?: PageOptions): Promise<TestPage>;
}

/** How a page looks. */
export interface PageOptions {
  /** Default 1100 × 800. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Default light. */
  readonly colorScheme?: "light" | "dark";
}

/** A page and what went wrong on it. */
export interface TestPage {
  readonly page: Page;
  /** Console errors and uncaught exceptions, in order. */
  readonly trouble: readonly PageTrouble[];
}

/** Starts the browser, perhaps with arguments of one's own. */
export async function launchBrowser(
  executablePath: string,
  more: readonly string[] = [],
): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath, args: [...ARGUMENTS, ...more] });
  return {
    openPage: (url, options = {}) => openPage(browser, url, options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function openPage(browser: Browser, url: string, options: PageOptions): Promise<TestPage> {
  const { size = { width: 1100, height: 800 }, colorScheme = "light" } = options;
  const page = await browser.newPage({ viewport: size, colorScheme });
  page.setDefaultTimeout(TIMEOUT_MS);
  const trouble: PageTrouble[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push({ kind: "console", text: message.text() });
  });
  page.on("pageerror", (error) => trouble.push({ kind: "error", text: String(error) }));
  await page.goto(url);
  return { page, trouble };
}
