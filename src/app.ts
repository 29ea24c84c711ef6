import { once } from "node:events";
import type { ListenOptions, Server as Port } from "node:net";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyListenOptions,
  fastify,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import { isReading } from "./adapters/inbound/admission/access-class.ts";
import { accessPlugin } from "./adapters/inbound/admission/access-plugin.ts";
import { admissionPlugin } from "./adapters/inbound/admission/admission-plugin.ts";
import { corsPlugin } from "./adapters/inbound/admission/cors-plugin.ts";
import { rateLimitPlugin } from "./adapters/inbound/admission/rate-limit-plugin.ts";
import { allowEncodedList } from "./adapters/inbound/api/list-answer.ts";
import { bodyPlugin } from "./adapters/inbound/body/plugin.ts";
import { type ConnectRegistrar, connectPlugin } from "./adapters/inbound/connect/plugin.ts";
import { corePlugin } from "./adapters/inbound/core-plugin.ts";
import { registerFaultService } from "./adapters/inbound/fault-api/fault-service.ts";
import { healthPlugin } from "./adapters/inbound/health/health-plugin.ts";
import { registerHealthService } from "./adapters/inbound/health/health-service.ts";
import { jaegerPlugin } from "./adapters/inbound/jaeger-api/jaeger-plugin.ts";
import { registerJaegerQueryService } from "./adapters/inbound/jaeger-api/v3-service.ts";
import { bodyBytesCame } from "./adapters/inbound/listener/flood-watch.ts";
import { createListener, type Listener } from "./adapters/inbound/listener/listener.ts";
import { pieceCame } from "./adapters/inbound/listener/piece-turns.ts";
import {
  type Credentials,
  credentialTexts,
  readCredentials,
} from "./adapters/inbound/listener/tls/credentials.ts";
import { mcpPlugin } from "./adapters/inbound/mcp/mcp-plugin.ts";
import { metricsPlugin } from "./adapters/inbound/metrics/metrics-plugin.ts";
import { registerExportServices } from "./adapters/inbound/otlp-receiver/connect-exports.ts";
import type { ReportExport } from "./adapters/inbound/otlp-receiver/export-report.ts";
import { fastPathPlugin } from "./adapters/inbound/otlp-receiver/fast-path.ts";
import { otlpHttpPlugin } from "./adapters/inbound/otlp-receiver/http-plugin.ts";
import { receiverPlugin } from "./adapters/inbound/otlp-receiver/receiver-plugin.ts";
import { registerQueryService } from "./adapters/inbound/query-api/query-service.ts";
import { registerReflectionService } from "./adapters/inbound/reflection/reflection-service.ts";
import { onClientError, onConnectRequest } from "./adapters/inbound/responses/client-error.ts";
import { replyWithError } from "./adapters/inbound/responses/error-reply.ts";
import { errorsPlugin, fromFastify } from "./adapters/inbound/responses/errors-plugin.ts";
import { webPagePlugin } from "./adapters/inbound/web-page/web-page-plugin.ts";
import type { Config } from "./config/config.ts";
import { CredentialReload } from "./config/credential-reload.ts";
import type { SettingKey } from "./config/settings.ts";
import type { Core } from "./use-cases/core.ts";
import type { HandOn } from "./use-cases/hand-on/hand-on.ts";
import { Lifecycle } from "./use-cases/lifecycle.ts";

/** The services that Connect serves, in every protocol that it speaks. */
const registrars: readonly ConnectRegistrar[] = [
  registerExportServices,
  registerQueryService,
  registerJaegerQueryService,
  registerFaultService,
  registerHealthService,
  registerReflectionService,
];

export interface ServerOptions {
  readonly config: Config;
  readonly core: Core;
  readonly logger: Logger;
  /** @default every service of this server */
  readonly registrars?: readonly ConnectRegistrar[];
  /** The largest request of a service other than the OTLP ones, in bytes. @default 64 KiB */
  readonly maxDecodedRequestBytes?: number;
  /**
   * Whether exports are taken before Fastify makes requests of them. Without it all of them come by Fastify; the
   * answers are the same.
   * @default true
   */
  readonly fastPath?: boolean;
  /** Told of each export when it has been answered, for tests of exporters. @default nobody is told */
  readonly reportExport?: ReportExport;
}

/** The addresses that the server listens on, `host:port`. Every route is served on each. */
export interface Addresses {
  readonly grpc: string;
  /** Undefined when OTLP_HTTP_PORT is off. */
  readonly http: string | undefined;
}

/** A port that cannot be listened on; `cause` is the system's error. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** The setting that chose the port. */
  readonly setting: SettingKey;

  constructor(setting: SettingKey, cause: unknown) {
    super(`cannot listen on the port of ${setting}`, { cause });
    this.setting = setting;
  }
}

export interface ServerHandle {
  readonly app: FastifyInstance;
  /**
   * Starts to listen, on all ports or on none.
   * @throws ListenError
   */
  listen(): Promise<Addresses>;
  /** Calls that are being answered now, over every protocol. */
  callsInFlight(): number;
  /** Looks at once whether the files of the TLS settings have changed. Does nothing when TLS is off. */
  reloadCredentials(): Promise<void>;
  /**
   * Stops: the server is not ready any more and takes no new connections and calls. Calls in flight get
   * `SHUTDOWN_GRACE_MS`, then they are cut. Calling it again waits for the same end.
   * @returns how many calls were cut
   */
  close(): Promise<number>;
}

/**
 * The Fastify app with all its plugins, in the order in which a request meets them.
 * @throws ConfigError when the files of the TLS settings cannot be used
 */
export async function createServer(options: ServerOptions): Promise<ServerHandle> {
  const { config, core, logger } = options;
  const lifecycle = new Lifecycle();
  const credentials = await readCredentials(config);
  let listener: Listener | undefined;

  const app: FastifyInstance = fastify({
    serverFactory: (handler) => {
      listener = createListener({ ...config, credentials, logger, isReading }, handler);
      return listener.server;
    },
    loggerInstance: quietly(logger),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.maxReceiveMessageLength,
    // The name of a service may be a part of a path.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4_096 },
    clientErrorHandler: onClientError,
    frameworkErrors: (error, request, reply) => replyWithError(request, reply, fromFastify(error)),
    // The errors plugin refuses calls then, in the caller's own protocol.
    return503OnClosing: false,
  });
  if (listener === undefined) {
    throw new Error("Fastify made no server");
  }
  // Without a listener, Node closes the connection, though requests before may not be answered.
  listener.server.on("connect", onConnectRequest);
  core.limits.add("MAX_CONNECTIONS", config.maxConnections, listener.connections);
  await app.register(corePlugin, { core, config, lifecycle });
  await app.register(corsPlugin);
  await app.register(rateLimitPlugin);
  await app.register(accessPlugin);
  await app.register(admissionPlugin);
  await app.register(errorsPlugin);
  await app.register(metricsPlugin);
  await app.register(bodyPlugin, { onRead: bodyBytesCame, onPiece: pieceCame });
  await app.register(receiverPlugin, { reportExport: options.reportExport });
  await app.register(healthPlugin);
  await app.register(jaegerPlugin);
  await app.register(webPagePlugin);
  await app.register(mcpPlugin);
  await app.register(otlpHttpPlugin);
  if (options.fastPath !== false) {
    await app.register(fastPathPlugin, listener);
  }
  await app.register(
    connectPlugin({
      registrars: options.registrars ?? registrars,
      around: allowEncodedList,
      maxDecodedRequestBytes: options.maxDecodedRequestBytes,
    }),
  );
  await app.ready();
  const { useCredentials } = listener;
  const reload =
    credentials &&
    new CredentialReload({
      current: credentials,
      read: () => readCredentials(config),
      use: useCredentials,
      logger,
      texts: credentialTexts,
    });
  return handleOf({ app, listener, lifecycle, config, reload, handOn: core.handOn });
}

interface Running {
  readonly app: FastifyInstance;
  readonly listener: Listener;
  readonly lifecycle: Lifecycle;
  readonly config: Config;
  readonly reload: CredentialReload<Credentials> | undefined;
  readonly handOn: HandOn | undefined;
}

function handleOf({ app, listener, lifecycle, config, reload, handOn }: Running): ServerHandle {
  const httpPort = listener.createPort();
  let closed: Promise<number> | undefined;

  const stop = async () => {
    let cut = 0;
    lifecycle.stop();
    reload?.stop();
    listener.drain();
    handOn?.answerBefore(performance.now() + config.shutdownGraceMs);
    const timer = setTimeout(() => {
      cut = listener.inFlight();
      listener.destroy();
    }, config.shutdownGraceMs);
    try {
      // Both end when their last connection has.
      await Promise.all([closePort(httpPort), app.close()]);
    } finally {
      clearTimeout(timer);
      listener.destroy();
    }
    return cut;
  };
  const close = () => {
    closed ??= stop();
    return closed;
  };
  const listen = async () => {
    const { otlpGrpcHost: host, otlpGrpcPort, otlpHttpPort, reusePort } = config;
    // Fastify gives its options to the server as they are; its types do not name this one.
    const options: ListenOptions = { host, port: otlpGrpcPort, reusePort };
    await named("OTLP_GRPC_PORT", app.listen(options as FastifyListenOptions));
    if (otlpHttpPort !== undefined) {
      await named("OTLP_HTTP_PORT", openPort(httpPort, { host, port: otlpHttpPort, reusePort }));
    }
    return {
      grpc: addressOf(listener.server),
      http: otlpHttpPort === undefined ? undefined : addressOf(httpPort),
    };
  };
  return {
    app,
    listen: () =>
      listen().catch(async (reason) => {
        await close();
        throw reason;
      }),
    callsInFlight: () => listener.inFlight(),
    reloadCredentials: async () => reload?.now(),
    close,
  };
}

function named<T>(setting: SettingKey, listening: Promise<T>): Promise<T> {
  return listening.catch((reason) => {
    throw new ListenError(setting, reason);
  });
}

async function openPort(port: Port, options: ListenOptions): Promise<void> {
  port.listen(options);
  await once(port, "listening");
}

async function closePort(port: Port): Promise<void> {
  if (port.listening) {
    port.close();
    await once(port, "close");
  }
}

function addressOf(port: Port): string {
  const address = port.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server does not listen on TCP");
  }
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${host}:${address.port}`;
}

/**
 * The server's logger as Fastify sees it. Fastify makes a child logger for each request: here all requests
 * share one, which costs nothing. Fastify's own lines at info name each address, with http:// also where TLS is on;
 * the line "listening" has them all.
 */
function quietly(logger: Logger): FastifyBaseLogger {
  const shared: Logger = Object.create(logger, {
    child: { value: () => shared },
    info: { value: () => {} },
  });
  return shared;
}
