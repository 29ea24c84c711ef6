import { Writable } from "node:stream";
import { compose } from "../compose.ts";
import { type SettingKey, settings as settingTable } from "../config/settings.ts";
import { type InProcessServer, startInProcess } from "../process/in-process.ts";
import { createLog } from "../process/log/log.ts";
import type { FaultScript } from "../use-cases/ingest/fault-script.ts";
import { exporterEnv } from "./exporter-env.ts";
import { createFaults } from "./internal/create-faults.ts";
import { RequestLog } from "./internal/request-log.ts";
import { Telemetry } from "./internal/telemetry.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

/** No limit of requests, and nothing that a test has to wait for when it ends. */
const defaults = {
  MAX_BUFFER_BYTES: String(64 * 2 ** 20),
  RATE_LIMIT_MAX: "0",
  FAULT_INJECTION: "true",
  SHUTDOWN_GRACE_MS: "0",
  LOG_FORMAT: "pretty",
} as const satisfies Partial<Record<SettingKey, string>>;

/**
 * Starts an OTLP receiver in this process, on a free port of loopback. It reads no `.env` and no variables, handles no
 * signals of the process, and any number of them can be there side by side.
 * @throws Error when a setting is not allowed; its message names it
 * @example
 * await using receiver = await startReceiver();
 * const exporter = new OTLPTraceExporter({ url: `${receiver.endpoint}/v1/traces` });
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { protocol = "http/protobuf", logLevel = "silent", settings = {} } = options;
  const requests = new RequestLog();
  const server = await startInProcess(compose, {
    settings: { ...defaults, LOG_LEVEL: logLevel, ...known(settings) },
    log: async (config) => (await createLog(config, logOutput())).logger,
    reportExport: requests.add,
  });
  return receiverOf(server, requests, exporterEnv(server.url, protocol));
}

function receiverOf(server: InProcessServer, requests: RequestLog, env: Receiver["env"]): Receiver {
  const { core } = server.composition;
  // The settings that a test may give do not turn it off.
  const faults = core.faults as FaultScript;
  const closing = new AbortController();
  const telemetry = new Telemetry(core, closing.signal);
  let closed: Promise<void> | undefined;
  const close = () => {
    closing.abort(new Error("the receiver was closed"));
    closed ??= server.close();
    return closed;
  };
  return {
    endpoint: server.url,
    env,
    waitForSpans: (filter = {}, options = {}) => telemetry.waitFor("spans", filter, options),
    waitForLogs: (filter = {}, options = {}) => telemetry.waitFor("logs", filter, options),
    waitForMetrics: (filter = {}, options = {}) => telemetry.waitFor("metrics", filter, options),
    spans: (filter = {}) => telemetry.search("spans", filter),
    logs: (filter = {}) => telemetry.search("logs", filter),
    metrics: (filter = {}) => telemetry.search("metrics", filter),
    trace: (traceId) => telemetry.trace(traceId),
    waitForTrace: (filter = {}, options = {}) => telemetry.waitForTrace(filter, options),
    requests: () => requests.requests,
    faults: createFaults(faults),
    clear() {
      core.reader.clear();
      requests.clear();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A misspelt setting would do nothing. */
function known(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (settings.FAULT_INJECTION !== undefined) {
    throw new TypeError("settings.FAULT_INJECTION: is on in every receiver of a test");
  }
  const unknown = Object.keys(settings).find((key) => !Object.hasOwn(settingTable, key));
  if (unknown !== undefined) throw new TypeError(`settings.${unknown}: no such setting`);
  return settings;
}

/** A log on stdout itself would add a listener to it for each receiver. */
function logOutput(): Writable {
  return new Writable({ write: (line, _encoding, done) => void process.stdout.write(line, done) });
}
