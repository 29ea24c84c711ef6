import { startInProcess } from "./in-process.ts";
import { createLog } from "./log/log.ts";

/**
 * Starts a silent receiver for a command that this process runs. It holds more items than a server does by default,
 * because all that the command sends is looked at when it has ended.
 */
export async function startReceiver(compose: Parameters<typeof startInProcess>[0]) {
  const { url, server, close } = await startInProcess(compose, {
    settings: { MAX_BUFFER_SIZE: "100000", RATE_LIMIT_MAX: "0", SHUTDOWN_GRACE_MS: "0", LOG_LEVEL: "silent" },
    log: async (config) => (await createLog(config)).logger,
  });
  return { endpoint: url, callsInFlight: () => server.callsInFlight(), close };
}
