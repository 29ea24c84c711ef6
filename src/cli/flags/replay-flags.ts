import { type Signal, signals } from "../../domain/signal.ts";
import type { OtlpEndpoint } from "../api/otlp-endpoint.ts";
import { maxPartBytes } from "../replay/file-requests.ts";
import { flagDefaults } from "./defaults.ts";
import { durationFlag } from "./duration.ts";
import { defaultEndpoint, endpointUrl } from "./endpoint.ts";
import type { FlagValues } from "./filter-flags.ts";
import { type TlsFlags, tlsOf } from "./tls-flags.ts";
import { notAllowed, UsageError } from "./usage-error.ts";

/** How files are replayed. */
export interface ReplayOptions {
  /** The speed is infinite for as fast as the endpoint takes requests. */
  readonly speed: number;
  readonly isRetimed: boolean;
  /** The signal of files of protobuf; undefined for lines of OTLP/JSON. */
  readonly signal: Signal | undefined;
  /** How long an endpoint is tried that takes nothing. */
  readonly timeoutMs: number;
}

/** @throws UsageError that names a flag */
export function replayOptions({ speed = "max", retime, signal, timeout }: FlagValues): ReplayOptions {
  if (retime !== undefined && retime !== "now") throw notAllowed("retime", String(retime), "now");
  if (signal !== undefined && !(signals as readonly unknown[]).includes(signal)) {
    throw notAllowed("signal", String(signal), `one of ${signals.join(", ")}`);
  }
  return {
    speed: speedOf(String(speed)),
    isRetimed: retime === "now",
    signal: signal as Signal | undefined,
    timeoutMs: Number(durationFlag("timeout", String(timeout ?? flagDefaults.replayTimeout))) / 1e6,
  };
}

function speedOf(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (speed <= 0 || !Number.isFinite(speed))
    throw notAllowed("speed", text, "max, or a number like 1 or 0.5");
  return speed;
}

/** The port where OTLP/HTTP is served by convention. */
const httpPort = "4318";

/**
 * The endpoint that `--to` names, or else the server that the other commands call. INGEST_TOKEN goes to that server
 * alone; OTEL_EXPORTER_OTLP_HEADERS, which exporters read too, to whatever `--to` names.
 * @throws UsageError that names a flag or a variable
 */
export function replayTarget(flags: FlagValues, env: NodeJS.ProcessEnv): OtlpEndpoint {
  const { to, endpoint, protocol } = flags;
  const fromEnv = env.OBSVTY_ENDPOINT?.trim();
  const given = String(to ?? endpoint ?? (fromEnv || defaultEndpoint));
  const origin =
    to !== undefined ? "--to" : endpoint === undefined && fromEnv ? "OBSVTY_ENDPOINT" : "--endpoint";
  const url = new URL(endpointUrl(given, origin));
  const isHttp = url.pathname !== "/" || url.port === httpPort;
  if (protocol !== undefined && protocol !== "grpc" && protocol !== "http/protobuf") {
    throw notAllowed("protocol", String(protocol), "grpc or http/protobuf");
  }
  return {
    url,
    protocol: protocol ?? (isHttp ? "http/protobuf" : "grpc"),
    headers: to === undefined ? tokenHeader(env) : otlpHeaders(env),
    tls: tlsOf(flags as TlsFlags, env),
    maxBytes: maxPartBytes,
  };
}

function tokenHeader({ INGEST_TOKEN }: NodeJS.ProcessEnv): Record<string, string> {
  const token = INGEST_TOKEN?.trim();
  if (token && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError("INGEST_TOKEN: must be visible ASCII characters without spaces");
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function otlpHeaders({ OTEL_EXPORTER_OTLP_HEADERS: given = "" }: NodeJS.ProcessEnv): Record<string, string> {
  const fields = given.split(",").filter((field) => field.trim() !== "");
  return Object.fromEntries(
    fields.map((field) => {
      const [name = "", ...rest] = field.split("=");
      const value = decoded(rest.join("=").trim());
      if (rest.length === 0 || !headerName.test(name.trim()) || value === undefined) {
        // The message does not repeat the value: it may hold a token.
        throw new UsageError(
          "OTEL_EXPORTER_OTLP_HEADERS: must be name=value, comma-separated, with values percent-encoded",
        );
      }
      return [name.trim().toLowerCase(), value];
    }),
  );
}

function decoded(value: string): string | undefined {
  try {
    const text = decodeURIComponent(value);
    return /^[\x20-\x7e]*$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
