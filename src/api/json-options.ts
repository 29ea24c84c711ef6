import type { JsonWriteOptions } from "@bufbuild/protobuf";

/** The API's JSON has fields that are zero or empty too, so that an item has the same shape each time. */
export const apiJsonWriteOptions = { alwaysEmitImplicit: true } as const satisfies Partial<JsonWriteOptions>;
