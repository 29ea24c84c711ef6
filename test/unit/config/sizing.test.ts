import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadConfig } from "../../../src/config/config.ts";
import { processMemory } from "../../../src/config/memory.ts";
import { maxRequestItems, mostMemory, perUnit, signalCount } from "../../../src/config/sizing.ts";
import { signals } from "../../../src/domain/signal.ts";
import { ROW_BYTES } from "../../../src/otlp/scan/layout.ts";
import { maxRequestItems as itemsOfRequest } from "../../../src/ports/telemetry-store.ts";

const mib = 2 ** 20;
const gib = 2 ** 30;

function load(processBytes: number, env: Readonly<Record<string, string>> = {}, heap = 4 * gib) {
  return loadConfig({ env, file: "/nonexistent/.env", memory: { process: processBytes, heap } });
}

const boundsOf = ({ maxBufferBytes, maxInflightBytes, maxQueryBytes }: ReturnType<typeof load>) => [
  maxBufferBytes / mib,
  maxInflightBytes / mib,
  maxQueryBytes / mib,
];

describe("the defaults of the bounds of memory", () => {
  it("the bounds of memory are counted for every signal", () => {
    assert.equal(signalCount, signals.length);
  });

  it("the default bounds of memory are the documented ones with 1 GiB or more", () => {
    for (const memory of [gib, 64 * gib]) assert.deepEqual(boundsOf(load(memory)), [256, 64, 64]);
  });

  it("the default bounds of memory fit the memory from 480 MiB to 1 GiB, and use most of it", () => {
    for (let memory = 480 * mib; memory <= gib; memory += 32 * mib) {
      const { process: needed } = mostMemory(load(memory));
      assert.ok(needed <= memory, `${needed} of ${memory}`);
      assert.ok(needed > memory - 8 * mib || memory > 896 * mib, `${needed} of ${memory}`);
    }
  });

  it("the bounds of memory never grow when there is less memory", () => {
    let before = boundsOf(load(2 * gib));
    for (let memory = gib; memory >= 128 * mib; memory -= 16 * mib) {
      const bounds = boundsOf(load(memory));
      for (const [i, bound] of bounds.entries()) assert.ok(bound <= (before[i] ?? 0));
      before = bounds;
    }
  });

  it("the bounds of memory stay at their least when there is too little memory for any", () => {
    assert.deepEqual(boundsOf(load(64 * mib)), [16, 8, 8]);
  });

  it("the bounds of memory leave room for the largest request", () => {
    const config = load(64 * mib, { MAX_RECEIVE_MESSAGE_LENGTH: String(20 * mib) });
    assert.equal(config.maxInflightBytes, 20 * mib);
  });

  it("a bound of memory is taken as it is set, and the others fit beside it", () => {
    const config = load(704 * mib, { MAX_BUFFER_BYTES: String(200 * mib) });
    const [buffer, inflight, answers] = boundsOf(config);
    assert.equal(buffer, 200);
    assert.ok(inflight !== undefined && inflight < 64 && answers !== undefined && answers < 64);
    assert.ok(mostMemory(config).process <= 704 * mib);
  });

  it("bounds of memory that are all set are taken as they are, also when they do not fit", () => {
    const bytes = String(100 * mib);
    const env = { MAX_BUFFER_BYTES: bytes, MAX_INFLIGHT_BYTES: bytes, MAX_QUERY_BYTES: bytes };
    assert.deepEqual(boundsOf(load(128 * mib, env)), [100, 100, 100]);
  });

  it("V8's heap limit brings MAX_QUERY_BYTES down, and no other bound", () => {
    const config = load(64 * gib, {}, 128 * mib);
    assert.deepEqual(boundsOf(config), [256, 64, 32]);
    assert.ok(mostMemory(config).heap <= 128 * mib);
  });
});

it("a sink needs memory of its own beside the bounds", () => {
  const without = mostMemory(load(64 * gib)).process;
  const env = { FORWARD_OTLP_ENDPOINT: "http://localhost:4317" };
  assert.equal(mostMemory(load(64 * gib, env)).process - without, 72 * mib);
  const large = {
    ...env,
    FORWARD_OTLP_MAX_BYTES: String(16 * mib),
    MAX_RECEIVE_MESSAGE_LENGTH: String(16 * mib),
  };
  const alone = { MAX_RECEIVE_MESSAGE_LENGTH: String(16 * mib) };
  const more = mostMemory(load(64 * gib, large)).process - mostMemory(load(64 * gib, alone)).process;
  assert.equal(more, 168 * mib);
});

describe("the memory of the process", () => {
  it("the memory of the process is the limit of the container", () => {
    assert.equal(processMemory(512 * mib, 8 * gib), 512 * mib);
  });

  it("the memory of the process is half of the machine's when nothing limits it, as Node tells for cgroup v1 and v2", () => {
    for (const unlimited of [0, 2 ** 64, 8 * gib]) assert.equal(processMemory(unlimited, 8 * gib), 4 * gib);
  });
});

it("the sizing formula has the size of a row of the index", () => {
  // A key of 4 bytes beside it, and two words for its request in a table that doubles.
  assert.equal(perUnit.bufferItem, signals.length * (ROW_BYTES + 4 + 2 * 8));
  assert.equal(perUnit.stagedItem, 2 * ROW_BYTES);
  assert.equal(maxRequestItems, itemsOfRequest);
});
