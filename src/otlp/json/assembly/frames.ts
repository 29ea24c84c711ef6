// The stack of frames: one for each message and each list that encloses the value that is read.

import { FRAME_BYTES, FRAME_FIELD, FRAME_INDEX, FRAMES, NO_INDEX } from "../reader-layout";
import { Cursor } from "./cursor";
import { Field, Message } from "./table";

@unmanaged
export class Frame {
  /** The field that holds the message or list; null for the request. */
  field: Field | null;
  /** The index of the element of a list that is read. */
  index: u32;
  /** Null for a list. */
  message: Message | null;
  /** How many messages enclose the value. */
  depth: u32;

  /** Where the output of the message or list begins. */
  tagAt: usize;
  /** Where the length goes, for which `lengthBytes` are left free; 0 when there is none. */
  lengthAt: usize;
  lengthBytes: u32;

  // Fields of a message:
  /** Where the name is that is expected next. */
  predictedAt: usize;
  /** Bits of the names that came. */
  names: u64;
  /** The oneof of the newest member that is set of any. */
  oneof: u32;
  /** The newest double of a oneof that is null. */
  nullDouble: Field | null;
  /** The first unknown name in the JSON; 0 for none. */
  unknownAt: usize;
  /** Whether a field came that leads to items, if only as null. */
  hasContainer: bool;

  // Fields of a message that is read with care: see careful.ts.
  /** How many unknown names came since the newest known one. */
  unknowns: u32;
  memberCount: u32;
  nextMember: u32;
  readsContainers: bool;
  /** Where the object ends. */
  jsonEnd: usize;
  /** The item around this one. */
  outerItem: Frame | null;
}

if (
  offsetof<Frame>("field") != FRAME_FIELD ||
  offsetof<Frame>("index") != FRAME_INDEX ||
  offsetof<Frame>() > <usize>FRAME_BYTES
) {
  ERROR("reader-layout.ts has another frame than this class");
}

export class Stack {
  /** The frame at the top. */
  static top: Frame = changetype<Frame>(FRAMES);
}

export function clearStack(): void {
  Stack.top = changetype<Frame>(FRAMES - FRAME_BYTES);
}

export function isRoot(frame: Frame): bool {
  return changetype<usize>(frame) == FRAMES;
}

export function below(frame: Frame): Frame {
  return changetype<Frame>(changetype<usize>(frame) - FRAME_BYTES);
}

function push(field: Field | null, message: Message | null, depth: u32): Frame {
  const frame = changetype<Frame>(changetype<usize>(Stack.top) + FRAME_BYTES);
  frame.field = field;
  frame.index = NO_INDEX;
  frame.message = message;
  frame.depth = depth;
  frame.tagAt = Cursor.out;
  frame.lengthAt = 0;
  Stack.top = frame;
  return frame;
}

export function pushMessage(field: Field | null, message: Message, depth: u32): Frame {
  const frame = push(field, message, depth);
  frame.predictedAt = changetype<usize>(message) + offsetof<Message>("predicted");
  frame.names = 0;
  frame.oneof = 0;
  frame.nullDouble = null;
  frame.unknownAt = 0;
  frame.hasContainer = false;
  return frame;
}

export function pushList(field: Field, depth: u32): Frame {
  return push(field, null, depth);
}
