/** The two content types of OTLP/HTTP (OTLP 1.11, "Binary Protobuf Encoding", "JSON Protobuf Encoding"). */
export const mediaTypes = { protobuf: "application/x-protobuf", json: "application/json" } as const;

export type OtlpFormat = keyof typeof mediaTypes;

/** Of a `content-type` in any letter case, with or without parameters; undefined for any other type. */
export function formatOf(contentType: string | undefined): OtlpFormat | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  switch (type) {
    case mediaTypes.protobuf:
      return "protobuf";
    case mediaTypes.json:
      return "json";
    default:
      return undefined;
  }
}
