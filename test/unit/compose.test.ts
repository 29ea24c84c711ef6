import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { KafkaSink } from "../../src/adapters/outbound/kafka-sink/kafka-sink.ts";
import { OtlpSink } from "../../src/adapters/outbound/otlp-sink/otlp-sink.ts";
import { compose } from "../../src/compose.ts";
import { ConfigError } from "../../src/config/config.ts";
import type { SettingKey } from "../../src/config/settings.ts";
import type { TelemetrySink } from "../../src/ports/telemetry-sink.ts";
import { logsOf, spansOf } from "../contract/store-requests.ts";
import { sendAll } from "../support/ingest.ts";
import { testConfig, testLog } from "../support/server.ts";
import { testFolder } from "../support/test-folder.ts";

/** As in a process with a limit of address space: the first memories are had, and none after. */
function limitMemories(t: TestContext, count: number): void {
  const { Memory } = WebAssembly;
  let left = count;
  t.mock.property(
    WebAssembly,
    "Memory",
    class {
      constructor(descriptor: { initial: number; maximum: number }) {
        if (left-- === 0) throw new RangeError("could not allocate memory");
        // biome-ignore lint/correctness/noConstructorReturn: the memory itself, as V8 makes it
        return new Memory(descriptor);
      }
    } as typeof Memory,
  );
}

async function refusal(settings: Partial<Record<SettingKey, string>>): Promise<string> {
  const config = testConfig(settings);
  return compose(config, (await testLog(config)).logger).then(
    () => "composed",
    (error) => {
      assert.ok(error instanceof ConfigError);
      return error.message;
    },
  );
}

describe("a start without enough address space names the settings that ask for it:", () => {
  test("a start without enough address space names the bounds of the buffer, when they are more than 32 bits can tell", async () => {
    assert.match(
      await refusal({ MAX_BUFFER_SIZE: "10000000", MAX_BUFFER_BYTES: "3000000000" }),
      /^MAX_BUFFER_SIZE and MAX_BUFFER_BYTES: .* need \d+ bytes of address space, of which there are 4294967296$/,
    );
  });

  test("a start without enough address space names the bounds of the buffer, when the process may not have so much", async (t) => {
    limitMemories(t, 0);
    assert.match(
      await refusal({}),
      /^MAX_BUFFER_SIZE and MAX_BUFFER_BYTES: the process cannot have \d+ bytes of address space$/,
    );
  });

  test("a start without enough address space names the strict validation, when there is room for the buffer alone", async (t) => {
    limitMemories(t, 1);
    assert.match(
      await refusal({ VALIDATION: "strict" }),
      /^VALIDATION=strict: the process cannot have \d+ bytes of address space$/,
    );
  });
});

test("sinks that are made are closed in order when a later one cannot be made", async (t) => {
  const closed: string[] = [];
  for (const { prototype } of [OtlpSink, KafkaSink]) {
    const { close } = prototype;
    t.mock.method(prototype, "close", function (this: TelemetrySink) {
      closed.push(this.name);
      return close.call(this);
    });
  }
  const message = await refusal({
    FORWARD_OTLP_ENDPOINT: "http://127.0.0.1:1",
    FORWARD_KAFKA_BROKERS: "127.0.0.1:1",
    FORWARD_FILE: join(testFolder(t), "missing", "telemetry.json"),
  });
  assert.match(message, /^FORWARD_FILE: /);
  assert.deepEqual(closed, ["otlp", "kafka"]);
});

test("a long export is taken as fast beside many readers as alone", async () => {
  const config = testConfig();
  const { core, close } = await compose(config, (await testLog(config)).logger);
  await sendAll({ core }, "traces", spansOf(3_000));
  let isSending = true;
  const readers = Array.from({ length: 50 }, async () => {
    while (isSending) for await (const _ of core.reader.requestsOf("traces", {}));
  });
  let turns = 0;
  const countTurn = () => {
    turns += 1;
    if (isSending) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  await sendAll({ core }, "logs", logsOf(5_000));
  isSending = false;
  assert.ok(turns < 50, `${turns} turns of the event loop`);
  await Promise.all(readers);
  await close(AbortSignal.timeout(10_000));
});
