import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";

/** The services on the router, sorted by name. A registrar that has not run yet may add more. */
export function servedServices({ handlers }: ConnectRouter): readonly DescService[] {
  const byName = new Map(handlers.map(({ service }) => [service.typeName, service]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, service]) => service);
}
