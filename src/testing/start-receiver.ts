import { Writable } from "node:stream";
import { createServer, type ServerHandle } from "../app.ts";
import { compose } from "../compose.ts";
import { type Config, loadConfig } from "../config/config.ts";
import { type SettingKey, settings as settingTable } from "../config/settings.ts";
import { createLog } from "../process/log/log.ts";
import type { Composition } from "../use-cases/core.ts";
import type { FaultScript } from "../use-cases/ingest/fault-script.ts";
import { exporterEnv } from "./exporter-env.ts";
import { createFaults } from "./internal/create-faults.ts";
import { RequestLog } from "./internal/request-log.ts";
import { Telemetry } from "./internal/telemetry.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

/** Loopback and a free port, no limit of requests, and nothing that a test has to wait for when it ends. */
const defaults = {
  OTLP_GRPC_HOST: "127.0.0.1",
  OTLP_GRPC_PORT: "0",
  OTLP_HTTP_PORT: "off",
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
  const config = loadConfig({
    env: { ...defaults, LOG_LEVEL: logLevel, ...known(settings) },
    file: false,
  });
  const { logger } = createLog(config, logOutput());
  const log = new RequestLog();
  const composition = await compose(config, logger);
  try {
    const server = await createServer({ config, core: composition.core, logger, reportExport: log.add });
    const { grpc: address } = await server.listen();
    const endpoint = `${config.tlsCertFile === undefined ? "http" : "https"}://${address}`;
    return receiverOf({ endpoint, env: exporterEnv(endpoint, protocol), config, server, composition, log });
  } catch (reason) {
    await composition.close(AbortSignal.abort());
    throw reason;
  }
}

interface Running extends Pick<Receiver, "endpoint" | "env"> {
  readonly config: Config;
  readonly server: ServerHandle;
  readonly composition: Composition;
  readonly log: RequestLog;
}

function receiverOf({ endpoint, env, config, server, composition, log }: Running): Receiver {
  const { core } = composition;
  // The settings that a test may give do not turn it off.
  const faults = core.faults as FaultScript;
  const closing = new AbortController();
  const telemetry = new Telemetry(core, closing.signal);
  let closed: Promise<void> | undefined;
  const stop = async () => {
    closing.abort(new Error("the receiver was closed"));
    await server.close();
    await composition.close(AbortSignal.timeout(config.shutdownGraceMs));
  };
  const close = () => {
    closed ??= stop();
    return closed;
  };
  return {
    endpoint,
    env,
    waitForSpans: (filter = {}, options = {}) => telemetry.waitFor("spans", filter, options),
    waitForLogs: (filter = {}, options = {}) => telemetry.waitFor("logs", filter, options),
    waitForMetrics: (filter = {}, options = {}) => telemetry.waitFor("metrics", filter, options),
    spans: (filter = {}) => telemetry.search("spans", filter),
    logs: (filter = {}) => telemetry.search("logs", filter),
    metrics: (filter = {}) => telemetry.search("metrics", filter),
    trace: (traceId) => telemetry.trace(traceId),
    waitForTrace: (filter = {}, options = {}) => telemetry.waitForTrace(filter, options),
    requests: () => log.requests,
    faults: createFaults(faults),
    clear() {
      core.reader.clear();
      log.clear();
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
