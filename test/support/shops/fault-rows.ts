import { readFileSync, writeFileSync } from "node:fs";
import type { TestContext } from "node:test";
import type { ExporterProtocol } from "../../../src/testing/exporter-env.ts";
import { startReceiver } from "../../../src/testing/start-receiver.ts";
import { type ServingLanguage, servers } from "./languages.ts";
import { sdkVersion } from "./prepare.ts";
import { startShop } from "./running-shop.ts";
import { type Pair, situations } from "./situations.ts";

/** What one SDK does over one protocol, by the key of the situation. */
export interface FaultRow {
  readonly sdk: string;
  readonly version: string;
  readonly protocol: ExporterProtocol;
  readonly verdicts: Readonly<Record<string, string>>;
}

/** Puts a running shop into every situation, one after the other. */
export async function measureRow(
  t: TestContext,
  language: ServingLanguage,
  folder: string,
  protocol: ExporterProtocol,
): Promise<FaultRow> {
  const receiver = await startReceiver({ protocol });
  // Metrics are sent over and over, so that no order of them can be told from another.
  const env = { ...receiver.env, OTEL_METRIC_EXPORT_INTERVAL: "600000" };
  const pair: Pair = { shop: await startShop(t, language, folder, env), receiver };
  t.after(() => pair.receiver.close());
  const verdicts: Record<string, string> = {};
  for (const { key, measure } of situations) {
    const started = performance.now();
    verdicts[key] = await measure(pair);
    t.diagnostic(`${key}: ${verdicts[key]} (${Math.round(performance.now() - started)} ms)`);
  }
  return { sdk: language.name, version: sdkVersion(language), protocol, verdicts };
}

const results = new URL("../../interop/results/sdks.json", import.meta.url);

/** The rows of docs/sdks.md, as a run has measured them. */
export function keptRows(): readonly FaultRow[] {
  return JSON.parse(readFileSync(results, "utf8")) as FaultRow[];
}

/** Keeps the rows of a run, in the order of the languages. */
export function keepRows(rows: readonly FaultRow[]): void {
  const inOrder = servers.flatMap(({ name, server }) =>
    server.protocols.flatMap((protocol) =>
      rows.filter((row) => row.sdk === name && row.protocol === protocol),
    ),
  );
  writeFileSync(results, `${JSON.stringify(inOrder, null, 2)}\n`);
}
