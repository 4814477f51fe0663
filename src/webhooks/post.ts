/**
 * One signed request to the receiver (Standard Webhooks).
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import { Webhook } from "standardwebhooks";
import { WEBHOOK_LIMITS, type WebhookOptions } from "./options.ts";

/** An answer to a webhook. */
export interface WebhookAnswer {
  /** Empty for 204. */
  readonly text: string;
}

/** Sends one event; rejects if the receiver did not take it. */
export type Post = (id: string, payload: string) => Promise<WebhookAnswer>;

/** Whether an address is one that anybody can be reached at. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

async function assertPublic({ hostname }: URL): Promise<void> {
  const bare = hostname.replace(/^\[|\]$/g, "");
  const found = ipaddr.isValid(bare) ? [{ address: bare }] : await lookup(bare, { all: true });
  const wrong = found.find(({ address }) => !isPublicAddress(address));
  if (wrong === undefined) return;
  throw new Error(`the receiver has the private address ${wrong.address}`);
}

/**
 * Makes what sends.
 *
 * @throws {TypeError} If the secret is none, or the URL is not one of http.
 */
export function createPost({ url, secret, timeoutMs, allowPrivate }: WebhookOptions): Post {
  const signer = createSigner(secret);
  const target = URL.parse(url);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new TypeError("Cannot send webhooks: url is no URL that starts with http:// or https://");
  }
  return async (id, payload) => {
    if (!allowPrivate) await assertPublic(target);
    const now = new Date();
    const response = await fetch(target, {
      method: "POST",
      body: payload,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": signer.sign(id, now, payload),
      },
      // What is meant for one receiver is not told to another.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status >= 200 && response.status < 300) return { text: await readText(response) };
    await response.body?.cancel();
    throw new Error(`the answer is ${response.status}`);
  };
}

function createSigner(secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new TypeError("Cannot send webhooks: secret is no key in base64, as whsec_… is");
  }
}

async function readText(response: Response): Promise<string> {
  let text = "";
  if (response.body === null) return text;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > WEBHOOK_LIMITS.answerBytes) throw new Error("the answer is too long");
  }
  return text;
}
