/**
 * Webhooks: a receiver is asked who may connect, and told of connections and rooms.
 *
 * @module
 */

export {
  WEBHOOK_DEFAULTS,
  WEBHOOK_EVENTS,
  type WebhookEvent,
  type WebhookFailurePolicy,
  type WebhookOptions,
} from "./options.ts";
export { createWebhooks, type Webhooks, WEBHOOKS_PROCESS } from "./webhooks.ts";
