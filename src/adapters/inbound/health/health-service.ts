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
import { type Call, callOf } from "../connect/call.ts";
import { servedServices } from "../connect/served-services.ts";
import { cutOff } from "../responses/raw-response.ts";

/** Anyone may call, and nobody needs more for the name of a service. */
const maxRequestBytes = 4_096;
/** A watcher that has not taken the few bytes of a last word by then is not reading. */
const lastWordMs = 1_000;

/** The server as a whole. */
const everything = "";

/**
 * `grpc.health.v1.Health`: whatever is on the router is served, until the server stops. Anybody may watch,
 * so watching has a bound of its own, and cannot take the place of those who tail or wait.
 */
export function registerHealthService(router: ConnectRouter, _core: Core, lifecycle: Lifecycle): void {
  const watchers = new Watchers(defaultMaxWatchers, "Watch");
  const names = () => [everything, ...servedServices(router).map(({ typeName }) => typeName)];
  const status = () => (lifecycle.stopping ? ServingStatus.NOT_SERVING : ServingStatus.SERVING);
  const statusOf = (service: string) =>
    names().includes(service) ? status() : ServingStatus.SERVICE_UNKNOWN;

  async function* watch({ service }: HealthCheckRequest, { signal, values }: HandlerContext) {
    const first = statusOf(service);
    if (lifecycle.stopping) {
      yield { status: first };
      return;
    }
    const leave = watchers.enter(signal);
    const call = callOf({ contextValues: values });
    if (call !== undefined) giveUpAfterStop(lifecycle, call);
    try {
      yield { status: first };
      // Aborts when the server stops, too, and then there may be one more thing to say.
      if (!signal.aborted) await once(signal, "abort");
      if (!lifecycle.stopping) throw signal.reason;
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
      // A misspelt "service" would be an answer about the whole server.
      jsonOptions: { ignoreUnknownFields: false },
      readMaxBytes: maxRequestBytes,
    },
  );
}

/** Ends a call that is not over some time after the stop: it would hold that up for as long as it likes. */
function giveUpAfterStop({ signal }: Lifecycle, { request, reply }: Call): void {
  const { raw } = reply;
  const onStop = () => {
    const timer = setTimeout(() => cutOff(request), lastWordMs);
    raw.once("close", () => clearTimeout(timer));
  };
  signal.addEventListener("abort", onStop, { once: true });
  raw.once("close", () => signal.removeEventListener("abort", onStop));
}
