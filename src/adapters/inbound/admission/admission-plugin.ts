import type { FastifyReply, FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { ObsvtyError } from "../../../domain/errors.ts";
import { signals, signalTraits } from "../../../domain/signal.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import { type Caller, callerOf } from "../caller/caller.ts";
import { callerProtocolOf, pathOf } from "../caller/caller-protocol.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { accessClassOf } from "./access-class.ts";
import type { Authorize } from "./access-plugin.ts";
import type { Admit } from "./admit.ts";
import type { CountRequest } from "./rate-limit-plugin.ts";

/** Exporters are often given a wrong endpoint; their logs should say what is a right one. */
function notThere(caller: Caller): string {
  const paths = signals.map((signal) => signalTraits[signal].httpPath).join(", ");
  return callerProtocolOf(caller) === "otlp-http"
    ? `no such path; OTLP/HTTP goes to ${paths}`
    : "no such method or path";
}

/**
 * The order in which a request is judged: are we stopping, does its sender send too much, may it.
 * Health and metrics are free of all three. What has no route is counted and refused.
 */
export const admissionPlugin = fastifyPlugin(
  (app, _options, done) => {
    const lifecycle = app.getDecorator<Lifecycle>("lifecycle");
    const countRequest = app.getDecorator<CountRequest>("countRequest");
    const authorize = app.getDecorator<Authorize>("authorize");
    const methodsByPath = new Map<string, Set<string>>();

    const admit: Admit = (caller, access) => {
      if (access === "open") {
        return undefined;
      }
      if (lifecycle.stopping) {
        return lifecycle.signal.reason;
      }
      const counted = countRequest(caller);
      return counted === undefined
        ? authorize(caller, access)
        : counted.then((overRate) => overRate ?? authorize(caller, access));
    };
    app.decorate("admit", admit);

    app.addHook("onRoute", (route) => {
      const methods = methodsByPath.get(route.url) ?? new Set();
      methodsByPath.set(route.url, methods.union(new Set([route.method].flat())));
    });
    const refuseUnknown = (request: FastifyRequest, reply: FastifyReply) => {
      const methods = methodsByPath.get(pathOf(callerOf(request)));
      if (methods === undefined) {
        replyWithError(request, reply, new ObsvtyError("unknown-method", notThere(callerOf(request))));
      } else {
        reply.header("allow", [...methods].join(", "));
        replyWithError(request, reply, new ObsvtyError("method-not-allowed", "the HTTP method is wrong"));
      }
    };
    app.addHook("onRequest", (request, reply, next) => {
      const caller = callerOf(request);
      const access = accessClassOf(pathOf(caller));
      Promise.resolve(request.is404 ? countRequest(caller) : admit(caller, access)).then((error) => {
        if (error !== undefined) {
          replyWithError(request, reply, error);
        } else if (request.is404) {
          // Not left to the not-found handler, which runs only when the body has been read and parsed.
          refuseUnknown(request, reply);
        } else {
          next();
        }
      }, next);
    });
    app.setNotFoundHandler(refuseUnknown);
    done();
  },
  { name: "admission", dependencies: ["core", "rate-limit", "access"] },
);
