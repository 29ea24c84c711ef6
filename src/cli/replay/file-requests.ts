import type { Signal } from "../../domain/signal.ts";

/** A request that was read from a file. */
export interface FileRequest {
  readonly signal: Signal;
  /** The request in protobuf. The reader does not use these bytes again. */
  readonly bytes: Uint8Array;
  readonly items: number;
  /** The place where it stands, for people: `out.json:12`. */
  readonly where: string;
}

/** A part of a file that cannot be sent. */
export interface Unreadable {
  readonly where: string;
  /** The reason never holds what stands there. */
  readonly reason: string;
  /** Items of a request that is sent without them; 0 when nothing of the part is sent. */
  readonly items: number;
}

export type FilePart =
  | { readonly kind: "request"; readonly request: FileRequest }
  | { readonly kind: "unreadable"; readonly unreadable: Unreadable };

/** A longer line, document or message is not read: it would have to be held as a whole. */
export const maxPartBytes = 256 * 2 ** 20;
/** A file is not read further when this many bytes of it hold no request: it is something else, and may have no end. */
export const maxBytesWithoutRequest = 2 * maxPartBytes;

export function unreadable(where: string, reason: string, items = 0): FilePart {
  return { kind: "unreadable", unreadable: { where, reason, items } };
}
