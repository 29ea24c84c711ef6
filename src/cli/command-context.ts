import type { QueryClient } from "./client.ts";
import type { Output } from "./output/output.ts";
import type { Server } from "./server.ts";

/** What a command works with. */
export interface CommandContext {
  readonly server: Server;
  readonly client: QueryClient;
  readonly output: Output;
  /** Aborted when nobody reads what is printed any more. */
  readonly signal: AbortSignal;
}
