import { ListenError } from "../app.ts";
import { ConfigError } from "../config/config.ts";

/** Why the server cannot start, in one line. */
export function startFailure(reason: unknown): string {
  if (reason instanceof ConfigError) {
    return reason.message;
  }
  if (reason instanceof ListenError) {
    return listenFailure(reason);
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return `cannot start: ${message}`.split("\n", 1).join("");
}

function listenFailure({ setting, cause }: ListenError): string {
  const { code, address, port, message } = cause as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  switch (code) {
    case "EADDRINUSE":
      return `${address}:${port} is in use by another process: end that one, or set ${setting} to another port`;
    case "ENOTSUP":
      return "this system does not let servers share a port: set REUSE_PORT to false";
    case "EACCES":
      return `${address}:${port} cannot be opened by this user (${setting})`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${address ?? "OTLP_GRPC_HOST"} is not an address of this machine (OTLP_GRPC_HOST)`;
    default:
      return `cannot listen: ${message} (${setting})`.split("\n", 1).join("");
  }
}
