import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { FileSink } from "../../src/adapters/outbound/file-sink/file-sink.ts";
import type { Signal } from "../../src/domain/signal.ts";
import { readJson } from "../support/read-json.ts";
import { testFolder } from "../support/test-folder.ts";
import { describeTelemetrySink } from "./telemetry-sink.contract.ts";

const firstField: Readonly<Record<Signal, string>> = {
  traces: '{"resourceSpans":',
  logs: '{"resourceLogs":',
  metrics: '{"resourceMetrics":',
  profiles: '{"resourceProfiles":',
};

for (const [what, maxFileBytes] of [
  ["that is never rotated", 2 ** 40],
  ["that is rotated after each line", 1],
] as const) {
  describeTelemetrySink(`the file sink with a file ${what}`, {
    make: async (t: TestContext) => {
      const folder = join(testFolder(t), "of the sink");
      mkdirSync(folder);
      const path = join(folder, "out.json");
      const sink = await FileSink.open({ path, maxFileBytes, maxFiles: 1_000, onTorn: () => {} });
      t.after(() => sink.close());
      return {
        sink,
        behave: (outside) => {
          if (outside === "is down") rmSync(folder, { recursive: true });
          else mkdirSync(folder, { recursive: true });
        },
        taken: (signal) =>
          readdirSync(folder)
            .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
            .filter((line) => line.startsWith(firstField[signal]))
            .map((line) => readJson(signal, Buffer.from(line)).bytes),
      };
    },
    can: ["takes all", "is down"],
  });
}
