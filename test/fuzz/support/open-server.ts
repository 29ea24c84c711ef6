import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { ReadingResources } from "../../../src/adapters/inbound/body/body-reader.ts";
import type { SettingKey } from "../../../src/config/settings.ts";
import { eventually, startObsvty } from "../../support/obsvty.ts";
import type { TestServer } from "../../support/server.ts";

export interface FuzzedServer {
  readonly server: TestServer;
  /** Nothing that the server itself is to blame for was logged, and no bytes are held for requests that have ended. */
  assertSound(): Promise<void>;
  /** Calls the function before the server closes. */
  before(close: () => void): void;
  close(): Promise<void>;
}

/** A server on loopback that lives until the target is closed. */
export async function openServer(settings: Partial<Record<SettingKey, string>>): Promise<FuzzedServer> {
  const closers: (() => unknown)[] = [];
  const lifetime = { after: (close: () => void) => closers.push(close) };
  const server = await startObsvty(lifetime as unknown as TestContext, {
    settings: { LOG_LEVEL: "error", ...settings },
  });
  const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
  return {
    server,
    before: (close) => closers.push(close),
    async assertSound() {
      assert.deepEqual(server.logs, []);
      if (inflight.held > 0) {
        await eventually("no bytes are held", () => (inflight.held === 0 ? true : undefined));
      }
    },
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}
