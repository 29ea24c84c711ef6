import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { credentials, type GrpcObject, type ServiceClientConstructor } from "@grpc/grpc-js";
import { GrpcReflection } from "grpc-js-reflection-client";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// A client without obsvty's .proto files: it learns every service from the server.

const traceId = "5b8efff798038103d269b633813fc60c";
const span = {
  trace_id: Buffer.from(traceId, "hex"),
  span_id: Buffer.from("eee19b7ec3c1b174", "hex"),
  name: "GET /cart",
  kind: "SPAN_KIND_SERVER",
  start_time_unix_nano: "1795428000123456789",
  end_time_unix_nano: "1795428000124956789",
};

function reflect(server: TestServer, version: string): GrpcReflection {
  return new GrpcReflection(addressOf(server), credentials.createInsecure(), {}, version);
}

const addressOf = ({ url }: TestServer) => url.replace("http://", "");

type Call = (method: string, request: object) => Promise<unknown>;

/** Calls a method by the description that the server gave. */
async function callerOf(t: TestContext, server: TestServer, version: string, service: string): Promise<Call> {
  const descriptor = await reflect(server, version).getDescriptorBySymbol(service);
  const inPackage = service
    .split(".")
    .reduce<GrpcObject>((scope, name) => scope[name] as GrpcObject, descriptor.getPackageObject());
  const Client = inPackage as unknown as ServiceClientConstructor;
  const client = new Client(addressOf(server), credentials.createInsecure());
  t.after(() => client.close());
  return (method, request) =>
    new Promise((resolve, reject) => {
      client[method]?.(request, (error: unknown, reply: unknown) =>
        error === null ? resolve(reply) : reject(error),
      );
    });
}

for (const version of ["v1", "v1alpha"]) {
  describe(`a client that asks grpc.reflection.${version}`, () => {
    test(`a client of grpc.reflection.${version} gets a description of every service that is listed`, async (t) => {
      const reflection = reflect(await startObsvty(t), version);
      const services = await reflection.listServices();
      assert.ok(services.includes("obsvty.v1.QueryService"));
      const methods = new Map<string, readonly string[]>();
      for (const service of services) {
        methods.set(
          service,
          (await reflection.listMethods(service)).map(({ name }) => name),
        );
      }
      assert.deepEqual(methods.get("opentelemetry.proto.collector.logs.v1.LogsService"), ["Export"]);
      assert.deepEqual(methods.get("grpc.health.v1.Health"), ["Check", "List", "Watch"]);
      assert.ok(methods.get("obsvty.v1.QueryService")?.includes("WaitFor"));
    });

    test(`a client of grpc.reflection.${version} exports a span, reads it back and checks the health`, async (t) => {
      const server = await startObsvty(t);
      const traces = await callerOf(
        t,
        server,
        version,
        "opentelemetry.proto.collector.trace.v1.TraceService",
      );
      const resource = { attributes: [{ key: "service.name", value: { string_value: "shop" } }] };
      await traces("Export", { resource_spans: [{ resource, scope_spans: [{ spans: [span] }] }] });
      assert.equal((await statsOf(server)).traces.items, 1);

      const reads = await callerOf(t, server, version, "obsvty.v1.QueryService");
      // This client shows a map as it is on the wire, a list of entries.
      const { signals } = (await reads("GetStats", {})) as {
        signals: { key: string; value: { accepted: string } }[];
      };
      assert.equal(signals.find(({ key }) => key === "traces")?.value.accepted, "1");
      const { spans } = (await reads("SearchSpans", { filter: { service: "shop" } })) as {
        spans: { name: string; trace_id: string; start_time: { nanos: number } }[];
      };
      assert.deepEqual(
        spans.map(({ name, trace_id, start_time }) => [name, trace_id, start_time.nanos]),
        [["GET /cart", traceId, 123_456_789]],
      );

      const health = await callerOf(t, server, version, "grpc.health.v1.Health");
      assert.deepEqual(await health("Check", { service: "obsvty.v1.QueryService" }), { status: "SERVING" });
    });

    test(`a client of grpc.reflection.${version} gets NOT_FOUND for a symbol that is not served`, async (t) => {
      const reflection = reflect(await startObsvty(t), version);
      await assert.rejects(reflection.getDescriptorBySymbol("shop.Cart"), /symbol not found: shop\.Cart/);
      await assert.rejects(reflection.getDescriptorByFileName("shop.proto"), /file not found: shop\.proto/);
      const span = "opentelemetry.proto.trace.v1.Span";
      assert.deepEqual(await reflection.getAllExtensionNumbersOfType(span), {
        base_type_name: span,
        extension_number: [],
      });
    });
  });
}
