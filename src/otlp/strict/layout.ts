/**
 * What the strict validator (AssemblyScript, `assembly/`) and its host (TypeScript) agree on. Plain integer constants,
 * so that both languages read this one file. All offsets and sizes are bytes; all integers are little-endian. It has a
 * memory of its own, with a schema table as the scanner's (see ../scan/layout.ts) whose actions are RULE_*.
 *
 * ```
 *  0       1024           16384      16896          20480          45056  438272
 *  | unused | compiled data | warnings | way, unused | schema table | keys | request ...
 * ```
 */

// What a field must be, as the action of its entry in the schema table.
/** A string: UTF-8. */
export const RULE_TEXT = 1;
/** The name of its message: UTF-8, and not empty. */
export const RULE_NAME = 2;
/** A trace id that may be missing: 0 or 16 bytes. */
export const RULE_TRACE_ID = 3;
/** A span id that may be missing: 0 or 8 bytes. */
export const RULE_SPAN_ID = 4;
/** An enum whose values are 0 to the argument. */
export const RULE_ENUM = 5;
/** When something began, and when it ended: not before. */
export const RULE_START = 6;
export const RULE_END = 7;
/** A list of KeyValues, whose keys differ and are not empty. */
export const RULE_ATTRIBUTES = 8;

// Which rules are about several fields of a message: the entry of its field 0, which no message has.
export const MESSAGE_HAS_NAME = 1;
export const MESSAGE_HAS_TIMES = 2;
export const MESSAGE_HAS_ATTRIBUTES = 4;

// What a warning is about.
export const WARN_UNKNOWN_FIELD = 0;
export const WARN_UNKNOWN_ENUM = 1;
export const WARN_TIME_ORDER = 2;
export const WARN_EMPTY_NAME = 3;
export const WARN_EMPTY_KEY = 4;
export const WARN_REPEATED_KEY = 5;
export const WARN_TRACE_ID = 6;
export const WARN_SPAN_ID = 7;
export const WARN_UTF8 = 8;
export const WARN_KINDS = 9;

/** Three numbers for each kind: how many (u32), and the address and the offending length of the first. */
export const WARNINGS = 16384;
export const WARNING_BYTES = 12;
/** Where a check that paused goes on: one address a level. */
export const WAY = 16896;

/** The keys of one list: a hash table of KEY_SLOTS slots, each the number of the list, the key's address and hash. */
export const KEYS = 45056;
export const KEY_SLOTS = 32768;
export const KEY_BYTES = 12;
/** The further keys of longer lists are not compared. */
export const MAX_KEYS = 8192;
/**
 * Slots that are looked at for one key: with a quarter of them filled it takes one or two, and a sender may choose
 * keys.
 */
export const MAX_PROBES = 16;
/** What several fields of a message are to each other is not checked when it has more than this many. */
export const MAX_FIELDS_OF_MESSAGE = 131072;
/** The rest of a longer string is not checked. */
export const MAX_TEXT_BYTES = 4194304;

/** The request: everything from here on. */
export const REQUEST = 438272;
