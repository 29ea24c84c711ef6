import {
  type ClientHttp2Session,
  type ClientSessionOptions,
  connect,
  type SecureClientSessionOptions,
} from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { Writable } from "node:stream";
import type { TestContext } from "node:test";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Logger } from "pino";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { createServer, type ServerHandle } from "../../src/app.ts";
import type { Config } from "../../src/config/config.ts";
import type { SettingKey } from "../../src/config/settings.ts";
import { signals } from "../../src/domain/signal.ts";
import { inProcessConfig } from "../../src/process/in-process.ts";
import { createLog } from "../../src/process/log/log.ts";
import type { Core } from "../../src/use-cases/core.ts";
import { IngestCounters } from "../../src/use-cases/ingest/ingest-counters.ts";
import { Limits } from "../../src/use-cases/limits.ts";
import { AnswerMemory } from "../../src/use-cases/read/answer-memory.ts";

/** Settings for a test: loopback, a free port, a log at debug, and never the developer's `.env`. */
export function testConfig(settings: Partial<Record<SettingKey, string>> = {}): Config {
  return inProcessConfig({ LOG_LEVEL: "debug", ...settings });
}

/** A core that accepts every export as one item and keeps nothing; of its reader only the statistics work. */
export function fakeCore(): Core {
  const counters = new IngestCounters();
  const stats = () =>
    Object.fromEntries(
      signals.map((signal) => [signal, { items: 3, bytes: 40, evicted: 1, ...counters.of(signal) }]),
    );
  return {
    ingest: (signal, _chunks, byteLength, transport) => {
      counters.kept(signal, transport, 1, [], byteLength);
      counters.answered(signal, transport, 0);
      return { kind: "accepted", items: 1 };
    },
    counters,
    limits: new Limits(),
    reader: { stats, watching: () => 0 } as unknown as Core["reader"],
    answers: new AnswerMemory(2 ** 26),
    faults: undefined,
    handOn: undefined,
    forwardingPath: undefined,
  };
}

export interface TestServerOptions {
  readonly settings?: Partial<Record<SettingKey, string>>;
  /** @default a fake one */
  readonly core?: Core;
  /** @default one of its own */
  readonly log?: TestLog;
  /** @default every service of the server */
  readonly registrars?: readonly ConnectRegistrar[];
  /** @default true */
  readonly fastPath?: boolean;
}

export interface TestServer extends ServerHandle {
  readonly core: Core;
  readonly port: number;
  /** With TLS it begins with `https:`. */
  readonly url: string;
  /** The URL of OTLP_HTTP_PORT, which is off unless a test sets it. */
  readonly httpUrl: string;
  /** The lines logged so far. */
  readonly logs: readonly LogLine[];
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

/** The HTTP/2 connections made to each server, by its URL. */
const clients = new Map<string, readonly ClientHttp2Session[]>();

export interface TestLog {
  readonly logger: Logger;
  /** The lines so far. */
  readonly logs: readonly LogLine[];
}

export async function testLog(config: Config): Promise<TestLog> {
  const logs: LogLine[] = [];
  const destination = new Writable({
    write: (line, _encoding, done) => {
      logs.push(JSON.parse(line));
      done();
    },
  });
  return { logger: (await createLog(config, destination)).logger, logs };
}

/** A listening server, closed when the test ends. */
export async function startServer(t: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
  const core = options.core ?? fakeCore();
  const config = testConfig({ SHUTDOWN_GRACE_MS: "200", ...options.settings });
  const { logger, logs } = options.log ?? (await testLog(config));
  const { registrars, fastPath = true } = options;
  const server = await createServer({
    config,
    core,
    logger,
    fastPath,
    ...(registrars && { registrars }),
  });
  const { grpc: address, http } = await server.listen();
  const scheme = config.tlsCertFile === undefined ? "http" : "https";
  const url = `${scheme}://${address}`;
  t.after(() => {
    destroyClients(url);
    return server.close();
  });
  return {
    ...server,
    core,
    logs,
    port: Number(address.split(":").at(-1)),
    url,
    httpUrl: `${scheme}://${http}`,
  };
}

/** Cuts the HTTP/2 connections to a server: to close one in order takes a quarter of a second. */
export function destroyClients(url: string): void {
  for (const session of clients.get(url) ?? []) session.destroy();
}

/** An HTTP/2 connection, cut when the test ends. */
export function connectHttp2(
  t: TestContext,
  { url }: Pick<TestServer, "url">,
  options: ClientSessionOptions | SecureClientSessionOptions = {},
): ClientHttp2Session {
  // By default Node's client refuses calls once more than 10 MB wait to be sent.
  const session = connect(url, { maxSessionMemory: 1_000, ...options });
  // A server that stops cuts connections; tests check their calls instead.
  session.on("error", () => {});
  clients.set(url, [...(clients.get(url) ?? []), session]);
  t.after(() => session.destroy());
  return session;
}

/** A transport whose connections come from this address of loopback: it is a client of its own. */
export function grpcTransportFrom(localAddress: string, { url }: Pick<TestServer, "url">): Transport {
  // Node gives all options to the connection, too.
  const nodeOptions = { localAddress } as ClientSessionOptions;
  return createGrpcTransport({ baseUrl: url, nodeOptions });
}

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received until the server closed the connection. */
  readonly untilClosed: Promise<string>;
  /** Resolves once the text received so far matches. */
  readonly received: (pattern: RegExp) => Promise<string>;
}

/** A TCP connection, for any bytes. */
export function connectRaw(t: TestContext, { port }: Pick<TestServer, "port">): RawConnection {
  const socket = connectTcp({ port, host: "127.0.0.1" });
  const closed = Promise.withResolvers<string>();
  let text = "";
  const waiting: { pattern: RegExp; resolve: (text: string) => void }[] = [];
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (const { pattern, resolve } of waiting) {
      if (pattern.test(text)) {
        resolve(text);
      }
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => closed.resolve(text));
  t.after(() => socket.destroy());
  return {
    socket,
    untilClosed: closed.promise,
    received: (pattern) =>
      new Promise((resolve) => {
        if (pattern.test(text)) {
          resolve(text);
        }
        waiting.push({ pattern, resolve });
      }),
  };
}
