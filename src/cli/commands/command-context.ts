import type { QueryClient } from "../api/client.ts";
import type { Server } from "../api/server.ts";
import type { Output } from "../output/output.ts";

/** The server, the client and the output of a command. */
export interface CommandContext {
  readonly server: Server;
  readonly client: QueryClient;
  readonly output: Output;
  /** It aborts when stdout has no reader any more. */
  readonly abort: AbortSignal;
}
