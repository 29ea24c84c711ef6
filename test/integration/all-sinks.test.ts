import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { SettingKey } from "../../src/config/settings.ts";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { encode, requestOf } from "../contract/store-requests.ts";
import { FakeKafka } from "../support/fake-kafka.ts";
import { kafkaTopics } from "../support/kafka-topics.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { postExport } from "../support/post-export.ts";
import type { TestServer } from "../support/server.ts";
import { testFolder } from "../support/test-folder.ts";

const requestOfSeed = (signal: Signal, seed: number) => encode(signal, requestOf(signal, 2, { seed }));
const hexOf = (parts: readonly Uint8Array[]) => Buffer.concat(parts).toString("hex");
const busyBroker = 19;

/** A server with an endpoint that is `best-effort`, a Kafka that is `lossless`, and a file that is `confirmed`. */
async function start(t: TestContext, settings: Partial<Record<SettingKey, string>> = {}) {
  const upstream = await new OtlpUpstream(t, "grpc").start();
  const kafka = await new FakeKafka(t).start();
  const folder = join(testFolder(t), "logs");
  mkdirSync(folder);
  const path = join(folder, "out.json");
  const server = await startObsvty(t, {
    settings: {
      FORWARD_OTLP_ENDPOINT: upstream.url.href,
      FORWARD_KAFKA_BROKERS: `127.0.0.1:${kafka.broker.port}`,
      FORWARD_KAFKA_POLICY: "lossless",
      FORWARD_FILE: path,
      FORWARD_FILE_POLICY: "confirmed",
      ...settings,
    },
  });
  return { server, upstream, kafka, folder, lines: () => readFileSync(path, "utf8").trimEnd().split("\n") };
}

function stateOf({ core }: TestServer, name: string, signal: Signal) {
  return core.handOn!.states().find((sink) => sink.name === name)!.signals[signal];
}

const delivers = (server: TestServer, name: string, signal: Signal, items: number) =>
  eventually(`${name} has all ${signal}`, () => {
    const { delivered, backlogItems } = stateOf(server, name, signal);
    return (delivered === items && backlogItems === 0) || undefined;
  });

describe("a server with three sinks", () => {
  test("a server with three sinks gives each of them everything", async (t) => {
    const { server, upstream, kafka, lines } = await start(t);
    const written: string[] = [];
    for (const signal of signals) {
      const sent = [1, 2, 3].map((seed) => requestOfSeed(signal, seed));
      for (const bytes of sent) assert.equal(await postExport(server, signal, bytes), 200);
      for (const name of ["otlp", "kafka", "file"]) await delivers(server, name, signal, 6);
      assert.equal(hexOf(upstream.takenBytes(signal)), hexOf(sent));
      assert.equal(hexOf(kafka.values(kafkaTopics[signal])), hexOf(sent));
      written.push(...sent.map((bytes) => writeJsonRequest(signal, bytes)));
    }
    assert.deepEqual(lines().toSorted(), written.toSorted());
  });

  test("a server with three sinks holds up nobody when the one that is best-effort is down", async (t) => {
    const { server, upstream } = await start(t);
    await upstream.stop();
    for (const seed of [1, 2, 3])
      assert.equal(await postExport(server, "logs", requestOfSeed("logs", seed)), 200);
    await delivers(server, "kafka", "logs", 6);
    await delivers(server, "file", "logs", 6);
    assert.equal(stateOf(server, "otlp", "logs").backlogItems, 6);
    await upstream.start();
    await delivers(server, "otlp", "logs", 6);
  });

  test("a server with three sinks refuses exports only when the buffer is full of what the lossless one has not got", async (t) => {
    const { server, kafka } = await start(t, { MAX_BUFFER_SIZE: "6" });
    kafka.onProduce = () => busyBroker;
    for (const seed of [1, 2, 3])
      assert.equal(await postExport(server, "logs", requestOfSeed("logs", seed)), 200);
    assert.equal(await postExport(server, "logs", requestOfSeed("logs", 4)), 503);
    await delivers(server, "otlp", "logs", 6);
    await delivers(server, "file", "logs", 6);
    kafka.onProduce = () => "appends";
    await delivers(server, "kafka", "logs", 6);
    assert.equal(await postExport(server, "logs", requestOfSeed("logs", 4)), 200);
    for (const name of ["otlp", "kafka", "file"]) await delivers(server, name, "logs", 8);
  });

  test("a server with three sinks refuses exports while the confirmed one is down, and the others get what they have not got yet", async (t) => {
    const { server, kafka, folder } = await start(t, { REQUEST_TIMEOUT_MS: "500" });
    kafka.onProduce = () => busyBroker;
    assert.equal(await postExport(server, "logs", requestOfSeed("logs", 1)), 200);
    renameSync(folder, `${folder}-away`);
    // The first one is tried, and the next ones are refused before they are kept.
    assert.equal(await postExport(server, "logs", requestOfSeed("logs", 2)), 503);
    assert.equal(await postExport(server, "logs", requestOfSeed("logs", 3)), 503);
    kafka.onProduce = () => "appends";
    const { logs } = server.core.reader.stats();
    await delivers(server, "kafka", "logs", logs.accepted);
    await delivers(server, "otlp", "logs", logs.accepted);
    renameSync(`${folder}-away`, folder);
    await eventually("exports are taken again", async () => {
      return (await postExport(server, "logs", requestOfSeed("logs", 4))) === 200 || undefined;
    });
    const { accepted } = server.core.reader.stats().logs;
    for (const name of ["otlp", "kafka", "file"]) await delivers(server, name, "logs", accepted);
  });
});
