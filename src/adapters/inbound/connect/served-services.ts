import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";

/** What is on the router now, by name. While registrars are at work more may come. */
export function servedServices({ handlers }: ConnectRouter): readonly DescService[] {
  const byName = new Map(handlers.map(({ service }) => [service.typeName, service]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, service]) => service);
}
