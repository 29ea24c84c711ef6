/** An export request as it was accepted: a whole `Export*ServiceRequest`, still encoded. */
export interface AcceptedRequest {
  /** Ordinal of its first item; the others follow without gaps. See `TelemetryStore`. */
  readonly firstOrdinal: number;
  /** How many items it holds, at least one. */
  readonly items: number;
  /** The bytes may be a view of a larger buffer that holds the requests before and after it too. */
  readonly bytes: Uint8Array;
  /** The request as it is held, when this is a part of it. Absent for a whole request. */
  readonly partOf?: {
    readonly byteLength: number;
    /** The ordinal after its last item. */
    readonly end: number;
  };
}
