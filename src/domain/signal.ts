/** The kinds of telemetry that OTLP carries, in the order in which they are listed everywhere. */
export const signals = ["traces", "logs", "metrics", "profiles"] as const;

export type Signal = (typeof signals)[number];

export interface SignalTraits {
  /** Full name of the collector service whose `Export` takes this signal. */
  readonly serviceName: string;
  /** What one counted item is called in messages to people. */
  readonly itemNoun: { readonly one: string; readonly many: string };
  /** What the Collector's receivers call the items in the names of their metrics. */
  readonly collectorItems: string;
  /** The OTLP/HTTP path (OTLP 1.11, "OTLP/HTTP Request"). */
  readonly httpPath: string;
  /**
   * Whether the bytes of several requests, one behind the other, are one request with the items of all. Those of
   * profiles are not: the indices in them point into the one dictionary of their request.
   */
  readonly requestsMerge: boolean;
}

/** One row a signal. Adding a signal starts here. */
export const signalTraits = {
  traces: {
    serviceName: "opentelemetry.proto.collector.trace.v1.TraceService",
    itemNoun: { one: "span", many: "spans" },
    collectorItems: "spans",
    httpPath: "/v1/traces",
    requestsMerge: true,
  },
  logs: {
    serviceName: "opentelemetry.proto.collector.logs.v1.LogsService",
    itemNoun: { one: "log record", many: "log records" },
    collectorItems: "log_records",
    httpPath: "/v1/logs",
    requestsMerge: true,
  },
  metrics: {
    serviceName: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    itemNoun: { one: "data point", many: "data points" },
    collectorItems: "metric_points",
    httpPath: "/v1/metrics",
    requestsMerge: true,
  },
  profiles: {
    serviceName: "opentelemetry.proto.collector.profiles.v1development.ProfilesService",
    itemNoun: { one: "profile", many: "profiles" },
    // The Collector's receivers count no profiles yet.
    collectorItems: "profiles",
    httpPath: "/v1development/profiles",
    requestsMerge: false,
  },
} as const satisfies Record<Signal, SignalTraits>;

/** The gRPC path of the `Export` method of a signal. Case-sensitive (OTLP 1.11, "OTLP/gRPC"). */
export function exportPath(signal: Signal): string {
  return `/${signalTraits[signal].serviceName}/Export`;
}

const signalByPath = new Map<string, Signal>(
  signals.flatMap((signal) => [
    [exportPath(signal), signal] as const,
    [signalTraits[signal].httpPath, signal] as const,
  ]),
);

/** The signal that an export to this path carries, over any protocol. */
export function exportedSignal(path: string): Signal | undefined {
  return signalByPath.get(path);
}

/** The folders of the paths of OTLP/HTTP, with a slash at the end. */
const httpFolders = [
  ...new Set(signals.map((signal) => signalTraits[signal].httpPath.replace(/[^/]*$/, ""))),
];

/** Whether a path is one of OTLP/HTTP, or another below the same version. */
export function isBelowHttpPaths(path: string): boolean {
  return httpFolders.some((folder) => path.startsWith(folder));
}

/** A record with a value for every signal. */
export function bySignal<Value>(make: (signal: Signal) => Value): Record<Signal, Value> {
  return Object.fromEntries(signals.map((signal) => [signal, make(signal)])) as Record<Signal, Value>;
}
