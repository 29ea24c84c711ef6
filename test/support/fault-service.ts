import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startObsvty } from "./obsvty.ts";
import type { TestServer, TestServerOptions } from "./server.ts";

/** A server on which exports may fail on purpose. */
export const startWithFaults = (
  t: TestContext,
  settings = {},
  options: Pick<TestServerOptions, "fastPath"> = {},
) => startObsvty(t, { ...options, settings: { FAULT_INJECTION: "true", ...settings } });

export interface FaultReply {
  readonly rules?: readonly object[];
  readonly code?: string;
  readonly message?: string;
}

/** A call of `FaultService` in Connect JSON, as with curl. */
export async function faultService(
  { url }: Pick<TestServer, "url">,
  method: "SetFaults" | "GetFaults" | "ClearFaults",
  body: unknown = {},
) {
  const reply = await fetch(`${url}/obsvty.v1.FaultService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: (await reply.json()) as FaultReply };
}

/** Sets the script of a server. */
export async function setFaults(server: TestServer, ...rules: readonly object[]): Promise<void> {
  assert.deepEqual(await faultService(server, "SetFaults", { rules }), { status: 200, body: {} });
}
