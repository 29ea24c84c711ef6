import { once } from "node:events";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import {
  Health,
  type HealthCheckRequest,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../../gen/grpc/health/v1/health_pb.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import { defaultMaxWatchers, Watchers } from "../../../use-cases/read/watchers.ts";
import { type Call, callOf, clientKeyOf } from "../connect/call.ts";
import { servedServices } from "../connect/served-services.ts";
import { cutOff } from "../responses/raw-response.ts";

/** Anyone may call. The name of a service is shorter than this. */
const maxRequestBytes = 4_096;
/** How long a watcher may take to read its last message, a few bytes. */
const lastWordMs = 1_000;

/** The name that stands for the server as a whole (grpc.health.v1). */
const everything = "";

/**
 * `grpc.health.v1.Health`: every service on the router is SERVING until the server stops. Anyone may watch, so
 * the limit of concurrent Watch calls is apart from that of Tail, WaitFor and ReadRequests calls.
 */
export function registerHealthService(router: ConnectRouter, _core: Core, lifecycle: Lifecycle): void {
  const watchers = new Watchers(defaultMaxWatchers, "Watch");
  const names = () => [everything, ...servedServices(router).map(({ typeName }) => typeName)];
  const status = () => (lifecycle.stopping ? ServingStatus.NOT_SERVING : ServingStatus.SERVING);
  const statusOf = (service: string) =>
    names().includes(service) ? status() : ServingStatus.SERVICE_UNKNOWN;

  async function* watch({ service }: HealthCheckRequest, context: HandlerContext) {
    const { signal: abort, values } = context;
    const first = statusOf(service);
    if (lifecycle.stopping) {
      yield { status: first };
      return;
    }
    const leave = watchers.enter({ client: clientKeyOf(context), abort });
    const call = callOf({ contextValues: values });
    if (call !== undefined) giveUpAfterStop(lifecycle, call);
    try {
      yield { status: first };
      // The call is aborted when the server stops, too. Then one more status may have to be sent.
      if (!abort.aborted) await once(abort, "abort");
      if (!lifecycle.stopping) throw abort.reason;
      const last = statusOf(service);
      if (last !== first) yield { status: last };
    } finally {
      leave();
    }
  }

  router.service(
    Health,
    {
      check: ({ service }) => {
        const status = statusOf(service);
        if (status === ServingStatus.SERVICE_UNKNOWN) {
          throw new ObsvtyError("not-found", "no such service is served here");
        }
        return { status };
      },
      list: () => ({ statuses: Object.fromEntries(names().map((name) => [name, { status: status() }])) }),
      watch,
    },
    {
      // If a misspelt "service" were ignored, the answer would be about the whole server.
      jsonOptions: { ignoreUnknownFields: false },
      readMaxBytes: maxRequestBytes,
    },
  );
}

/** Cuts a call that has not ended a while after the stop began; otherwise it could delay the stop at will. */
function giveUpAfterStop({ abort }: Lifecycle, { request, reply }: Call): void {
  const { raw } = reply;
  const onStop = () => {
    const timer = setTimeout(() => cutOff(request), lastWordMs);
    raw.once("close", () => clearTimeout(timer));
  };
  abort.addEventListener("abort", onStop, { once: true });
  raw.once("close", () => abort.removeEventListener("abort", onStop));
}
