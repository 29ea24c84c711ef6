import type { FastifyReply, FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { ObsvtyError } from "../../../domain/errors.ts";
import { signals, signalTraits } from "../../../domain/signal.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import { type Caller, callerOf } from "../caller/caller.ts";
import { type CallerProtocol, callerProtocolOf, isRpcPath, pathOf } from "../caller/caller-protocol.ts";
import { replyWithError } from "../responses/error-reply.ts";
import { methodNotAllowed } from "../responses/method-not-allowed.ts";
import { accessClassOf } from "./access-class.ts";
import type { Authorize } from "./access-plugin.ts";
import type { Admit } from "./admit.ts";
import type { CountRequest } from "./rate-limit-plugin.ts";
import { malformedTarget } from "./request-target.ts";

/** Exporters are often given a wrong endpoint; the refusal, which they log, names the right ones. */
function unknownPath(caller: Caller): ObsvtyError {
  return new ObsvtyError("unknown-method", unknownPathMessage(callerProtocolOf(caller)));
}

function unknownPathMessage(protocol: CallerProtocol): string {
  switch (protocol) {
    case "otlp-http": {
      const paths = signals.map((signal) => signalTraits[signal].httpPath).join(", ");
      return `no such path; OTLP/HTTP goes to ${paths}`;
    }
    // Somebody who opens the address in a browser.
    case "plain":
      return "no such path; GET has /, which is a page, /health, /livez, /readyz and /metrics; telemetry is read with POST or with the command line";
    default:
      return "no such method or path";
  }
}

/** An exporter whose endpoint has no path comes to the page, where it is told the paths rather than the methods. */
function isWithoutPath(caller: Caller, path: string): boolean {
  return path === "/" && callerProtocolOf(caller) === "otlp-http";
}

/**
 * The router ignores one trailing slash, but the path of an RPC has no other spelling (gRPC PROTOCOL-HTTP2,
 * "Requests"): `/package.Service/Method/` is no method.
 */
function isMisspeltRpc(request: FastifyRequest, path: string): boolean {
  return isRpcPath(path) && /^[^?]*\/(?:\?|$)/.test(request.url);
}

/**
 * Checks a request in this order: whether the server is stopping, the rate limit, then access. Health and
 * metrics are free of all three. A request without a route is counted and refused.
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
        return lifecycle.abort.reason;
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
      const caller = callerOf(request);
      const path = pathOf(caller);
      const isMisspelt = isMisspeltRpc(request, path);
      const methods = methodsByPath.get(path);
      if (isMisspelt) {
        const message = "no such path; the path of a method has no slash at its end";
        replyWithError(request, reply, new ObsvtyError("unknown-method", message));
      } else if (methods === undefined || isWithoutPath(caller, path)) {
        replyWithError(request, reply, unknownPath(caller));
      } else {
        replyWithError(request, reply, methodNotAllowed(reply, path, [...methods]));
      }
    };
    app.addHook("onRequest", (request, reply, next) => {
      const caller = callerOf(request);
      const path = pathOf(caller);
      const isUnknown = request.is404 || isMisspeltRpc(request, path);
      const malformed = malformedTarget(request.raw);
      if (malformed !== undefined) {
        replyWithError(request, reply, malformed);
        return;
      }
      const admission = isUnknown ? countRequest(caller) : admit(caller, accessClassOf(path));
      Promise.resolve(admission).then((error) => {
        if (error !== undefined) {
          replyWithError(request, reply, error);
        } else if (isUnknown) {
          // An unknown path is not left to the not-found handler, which runs only after the body has been read and
          // parsed.
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
