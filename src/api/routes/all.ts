/**
 * All routes of the API, as one table.
 *
 * @module
 */

import type { ApiRoute } from "../route.ts";
import { ACTOR_ROUTES } from "./actors.ts";
import { BATCH_ROUTE } from "./batch.ts";
import { CONNECTION_ROUTES } from "./connections.ts";
import { ROOM_ROUTES } from "./rooms.ts";
import { SERVER_ROUTES } from "./server.ts";
import { TAP_ROUTE } from "./tap.ts";

/** Every route, in the order of the reference. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...ACTOR_ROUTES,
  ...ROOM_ROUTES,
  ...CONNECTION_ROUTES,
  BATCH_ROUTE,
  TAP_ROUTE,
  ...SERVER_ROUTES,
];
