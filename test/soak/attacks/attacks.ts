import type { Attack } from "./attack.ts";
import { emptyItems, emptyObjects, inflating } from "./bombs.ts";
import { oneByteChunks, oneByteFrames, pings, unreadChunks, windowUpdates } from "./chunks.ts";
import {
  endlessHeaders,
  headersOnly,
  hoardedConnections,
  unfinishedMessages,
  unreadAnswers,
  vanishing,
  zeroWindow,
} from "./holders.ts";
import { pipelinedRequests, untakenMessages } from "./pipelines.ts";
import { largeAnswers, longFilter, manyAttributes, poison, unknownFields } from "./reads.ts";

/** All attacks, by the names that switch them on. */
export const attacks = {
  "empty-items": emptyItems,
  "empty-objects": emptyObjects,
  inflating,
  "one-byte-chunks": oneByteChunks,
  "one-byte-frames": oneByteFrames,
  "unread-chunks": unreadChunks,
  pings,
  "window-updates": windowUpdates,
  "large-answers": largeAnswers,
  "long-filter": longFilter,
  "many-attributes": manyAttributes,
  poison,
  "unread-answers": unreadAnswers,
  "unfinished-messages": unfinishedMessages,
  "headers-only": headersOnly,
  "unknown-fields": unknownFields,
  "zero-window": zeroWindow,
  "hoarded-connections": hoardedConnections,
  "endless-headers": endlessHeaders,
  vanishing,
  "pipelined-requests": pipelinedRequests,
  "untaken-messages": untakenMessages,
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

export const attackNames = Object.keys(attacks) as AttackName[];
