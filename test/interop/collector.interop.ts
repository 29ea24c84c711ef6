import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { encode, requestOf } from "../contract/store-requests.ts";
import { buildCollector, Collector } from "../support/collector.ts";
import { fencesOf, readPage } from "../support/docs/markdown.ts";
import { killUnderLoad } from "../support/killed-under-load.ts";
import { eventually, query, startObsvty, statsOf } from "../support/obsvty.ts";
import { postExport } from "../support/post-export.ts";
import { lacking } from "../support/tools.ts";

const skip = lacking("go");
if (skip === false) before(buildCollector, { timeout: 900_000 });

describe("the Collector as an upstream", { skip }, () => {
  for (const [protocol, compression] of [
    ["grpc", "gzip"],
    ["grpc", "zstd"],
    ["grpc", "none"],
    ["http/protobuf", "gzip"],
    ["http/protobuf", "zstd"],
    ["http/protobuf", "none"],
  ] as const) {
    test(`the Collector as an upstream ends up with every item, by ${protocol} with ${compression}`, async (t) => {
      const collector = await Collector.start(t);
      const port = protocol === "grpc" ? collector.grpcPort : collector.httpPort;
      const server = await startObsvty(t, {
        settings: {
          FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_COMPRESSION: compression,
        },
      });
      for (let i = 0; i < 40; i++) {
        for (const signal of ["traces", "logs", "metrics"] as const) {
          assert.equal(
            await postExport(server, signal, encode(signal, requestOf(signal, 25, { seed: i + 1 }))),
            200,
          );
        }
      }
      const { sinks } = await eventually("all is delivered", async () => {
        const stats = await query(server, "GetStats");
        return stats.sinks.otlp.backlogItems === "0" ? stats : undefined;
      });
      assert.deepEqual([sinks.otlp.delivered, sinks.otlp.refused], ["3000", "0"]);
      const items = { spans: 1_000, logRecords: 1_000, dataPoints: 1_000, profiles: 0 };
      assert.deepEqual(collector.items(), items);
    });
  }

  test("the Collector as an upstream takes no profiles, which are refused and counted", async (t) => {
    const collector = await Collector.start(t);
    const server = await startObsvty(t, {
      settings: { FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}` },
    });
    await postExport(server, "profiles", encode("profiles", requestOf("profiles", 4)));
    const otlp = await eventually("they are refused", async () => {
      const { sinks } = await query(server, "GetStats");
      return sinks.otlp.refused === "4" ? sinks.otlp : undefined;
    });
    assert.equal(otlp.lastFailure, "UNIMPLEMENTED");
  });

  for (const policy of ["confirmed", "lossless"] as const) {
    test(`the Collector has every acknowledged span after it was killed under load, with ${policy}`, async (t) => {
      const collector = await Collector.start(t);
      const server = await startObsvty(t, {
        settings: {
          FORWARD_OTLP_ENDPOINT: `http://127.0.0.1:${collector.grpcPort}`,
          FORWARD_OTLP_POLICY: policy,
          REQUEST_TIMEOUT_MS: "3000",
          MAX_BUFFER_SIZE: "2000",
        },
      });
      const { acknowledged, sent } = await killUnderLoad(server, "otlp", {
        rounds: 3,
        spansBetween: 200,
        killAndStart: async () => {
          await collector.kill();
          await collector.start();
        },
      });
      const written = collector.spanIds();
      assert.deepEqual(
        [...acknowledged].filter((id) => !written.has(id)),
        [],
      );
      t.diagnostic(`${acknowledged.size} spans acknowledged, ${written.size} written, ${sent} requests sent`);
    });
  }
});

describe("the Collector as a sender", { skip }, () => {
  const page = readPage("docs/sending.md");
  const yaml = fencesOf(page).find(({ language }) => language === "yaml")?.text ?? assert.fail("no YAML");
  const compressions = {
    otlp_grpc: ["gzip", "zstd", "snappy", "none"],
    otlp_http: ["gzip", "zstd", "snappy", "none", "x-snappy-framed", "lz4", "zlib", "deflate"],
  };

  /** Ten items of each signal. */
  async function sendTo(collector: Collector): Promise<void> {
    for (const signal of ["traces", "logs", "metrics"] as const) {
      const url = `http://127.0.0.1:${collector.httpPort}`;
      assert.equal(await postExport({ url }, signal, encode(signal, requestOf(signal, 10))), 200);
    }
  }

  for (const [name, values] of Object.entries(compressions)) {
    for (const compression of values) {
      test(`the Collector delivers every item by ${name} with ${compression}, set up as the page on sending says`, async (t) => {
        const server = await startObsvty(t);
        const exporter = exporterOf(yaml, name)
          .replaceAll("localhost:14317", `127.0.0.1:${server.port}`)
          .concat(`    compression: ${compression}\n`);
        const collector = await Collector.start(t, { exporters: `exporters:\n${exporter}` });
        await sendTo(collector);
        const stats = await eventually("all has arrived", async () => {
          const { traces, logs, metrics } = await statsOf(server);
          return traces.accepted + logs.accepted + metrics.accepted === 30
            ? { traces, logs, metrics }
            : undefined;
        });
        assert.deepEqual(
          Object.values(stats).map(({ accepted, rejected, refused }) => [accepted, rejected, refused]),
          Array(3).fill([10, 0, 0]),
        );
      });
    }
  }
});

/** The lines of one exporter in the YAML of `exporters`. */
function exporterOf(yaml: string, name: string): string {
  const [lines] = new RegExp(`^  ${name}:\\n(?:    .*\\n?)+`, "m").exec(yaml) ?? assert.fail(`no ${name}`);
  return lines.endsWith("\n") ? lines : `${lines}\n`;
}
