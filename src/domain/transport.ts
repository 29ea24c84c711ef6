/** How an export comes in. `grpc` and `http` (OTLP/HTTP) are what the Collector's metrics call them. */
export const transports = ["grpc", "http", "grpc-web", "connect"] as const;

export type Transport = (typeof transports)[number];
