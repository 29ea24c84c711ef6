import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadConfig } from "../../../src/config/config.ts";
import { memoryWarnings } from "../../../src/config/memory-warnings.ts";

const mib = 2 ** 20;
const roomy = 2 ** 40;

function messagesOf(env: Record<string, string>, memory: { process: number; heap: number }): string[] {
  const config = loadConfig({ env, file: "/nonexistent/.env", memory });
  return memoryWarnings(config, memory).map(({ message }) => message);
}

describe("settings that allow more memory than there is are warned of", () => {
  test("settings that allow more memory than the process has are warned of, with what is left to lower when the defaults are at their least", () => {
    const [message, ...others] = messagesOf({}, { process: 256 * mib, heap: roomy });
    assert.deepEqual(others, []);
    assert.match(
      message ?? "",
      /^the settings allow \d+ MiB for the process, and there are 256 MiB: give it more, or lower MAX_RECEIVE_MESSAGE_LENGTH or MAX_CONNECTIONS$/,
    );
  });

  test("settings that allow more memory than the process has are warned of, with the bounds that were set", () => {
    const env = { MAX_BUFFER_BYTES: String(2 ** 30), MAX_INFLIGHT_BYTES: String(2 ** 29) };
    const [message] = messagesOf(env, { process: 512 * mib, heap: roomy });
    assert.match(
      message ?? "",
      /: give it more, or lower MAX_BUFFER_BYTES, MAX_INFLIGHT_BYTES, MAX_RECEIVE_\w+ or MAX_CONNECTIONS$/,
    );
  });

  test("settings that allow more memory than V8's heap has are warned of", () => {
    const [message] = messagesOf({}, { process: roomy, heap: 48 * mib });
    assert.match(
      message ?? "",
      /^the settings allow \d+ MiB for V8's heap, and there are 48 MiB: lower MAX_QUERY_BYTES, or raise --max-old-space-size in NODE_OPTIONS$/,
    );
  });

  test("settings are not warned of when there is enough memory", () => {
    assert.deepEqual(messagesOf({}, { process: roomy, heap: roomy }), []);
  });
});
