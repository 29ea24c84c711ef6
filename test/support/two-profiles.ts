import { sendOtlpJson } from "./send-otlp-json.ts";
import type { TestServer } from "./server.ts";

export const profileId = "ab".repeat(16);

/** Sends a profile of cpu, and one that measures memory in another service. */
export async function sendProfiles(server: TestServer): Promise<void> {
  const resource = (stringValue: string) => ({
    attributes: [{ key: "service.name", value: { stringValue } }],
  });
  const profile = {
    sampleType: { typeStrindex: 1, unitStrindex: 2 },
    timeUnixNano: `${BigInt(Date.UTC(2026, 10, 23, 10)) * 1_000_000n}`,
    durationNano: "10000000000",
    profileId,
    attributeIndices: [1],
    samples: [
      { stackIndex: 1, values: ["3000000"] },
      { stackIndex: 2, values: ["1000000"] },
    ],
  };
  const memory = { ...profile, profileId: "", sampleType: { typeStrindex: 6, unitStrindex: 7 } };
  const scopeProfiles = (each: object) => [{ scope: { name: "profiler" }, profiles: [each] }];
  const body = {
    resourceProfiles: [
      { resource: resource("shop"), scopeProfiles: scopeProfiles(profile) },
      { resource: resource("cart"), scopeProfiles: scopeProfiles(memory) },
    ],
    dictionary: {
      stringTable: ["", "cpu", "nanoseconds", "main", "parse", "shop.ts", "alloc", "bytes", "thread"],
      mappingTable: [{}],
      linkTable: [{}],
      functionTable: [{}, { nameStrindex: 3, filenameStrindex: 5 }, { nameStrindex: 4, filenameStrindex: 5 }],
      locationTable: [{}, { lines: [{ functionIndex: 1 }] }, { lines: [{ functionIndex: 2 }] }],
      stackTable: [{}, { locationIndices: [2, 1] }, { locationIndices: [1] }],
      attributeTable: [{}, { keyStrindex: 8, value: { stringValue: "worker" } }],
    },
  };
  await sendOtlpJson(server, "profiles", body);
}
