/**
 * What the index of the ring buffer (AssemblyScript, `assembly/`) and its host (TypeScript) agree on. Plain integer
 * constants, so that both languages read this one file. All offsets and sizes are bytes; all integers are
 * little-endian. The index shares the memory of a scanner, whose rows it keeps (see ../../../otlp/scan/layout.ts).
 *
 * ```
 *  0                                   45056      45312   45568         61952    65536
 *  | the scanner's: control block, table | criteria | rings | matches found | texts | laid out by the host ...
 * ```
 */

// What `find` looks for. FIND_* bits say which of it counts.
export const CRITERIA_FLAGS = 45056;
export const CRITERIA_KIND = 45060;
export const CRITERIA_STATUS = 45061;
export const CRITERIA_MIN_SEVERITY = 45062;
export const CRITERIA_TRACE_ID = 45064;
export const CRITERIA_MIN_DURATION = 45080;
export const CRITERIA_MAX_DURATION = 45088;
export const CRITERIA_SINCE = 45096;
export const CRITERIA_UNTIL = 45104;
/** Address and length of the service and of the name. */
export const CRITERIA_SERVICE_AT = 45112;
export const CRITERIA_SERVICE_LENGTH = 45116;
export const CRITERIA_NAME_AT = 45120;
export const CRITERIA_NAME_LENGTH = 45124;
/** Address and count of the wanted attributes. */
export const CRITERIA_ATTRIBUTES_AT = 45128;
export const CRITERIA_ATTRIBUTES_COUNT = 45132;
/** The most attributes that a search narrows by: it remembers them in the bits of half a 64-bit number. */
export const MAX_WANTED = 32;
/**
 * The tags of the attributes in an item, one byte for each ROW_CATEGORY and the last for all others; 0 where the item
 * does not tell.
 */
export const CRITERIA_ATTRIBUTE_TAGS = 45136;
export const ATTRIBUTE_TAGS = 8;
/**
 * A wanted attribute: address and length of its key, then of its value as text; then how many marks it may leave in the
 * fingerprint of an item, at most six, and these: FINGERPRINT_* bits, and the last eight bytes of an attribute or of its
 * key. Without marks any item may have it.
 */
export const WANTED_BYTES = 120;
export const WANTED_MARKS_COUNT = 16;
export const WANTED_MARKS = 24;
export const MARK_BYTES = 16;
export const WANTED_KEY_AT = 0;
export const WANTED_KEY_LENGTH = 4;
export const WANTED_TEXT_AT = 8;
export const WANTED_TEXT_LENGTH = 12;

export const FIND_TRACE_ID = 1;
export const FIND_SERVICE = 2;
export const FIND_NAME = 4;
export const FIND_KIND = 8;
export const FIND_STATUS = 16;
export const FIND_MIN_SEVERITY = 32;
export const FIND_MIN_DURATION = 64;
export const FIND_MAX_DURATION = 128;
export const FIND_SINCE = 256;
export const FIND_UNTIL = 512;
export const FIND_ATTRIBUTES = 1024;
export const FIND_TRACES = 2048;

/**
 * Index rings: one descriptor a signal. Its rows and trace keys are in segments, which are taken one after another and
 * reused when they are empty: a ring that the bytes bound never touches the memory of rows it has no use for.
 */
export const RINGS = 45312;
export const RING_BYTES = 64;
/** Address of all segments of rows, and of those of keys. */
export const RING_ROWS = 0;
export const RING_KEYS = 4;
/** Address of the table that says where each segment is, and a mask for the numbers of segments in it. */
export const RING_TABLE = 8;
export const RING_MASK = 12;
/** Address of the list of segments that are empty again, how many there are, and how many were ever taken. */
export const RING_FREE = 16;
export const RING_FREE_COUNT = 20;
export const RING_FRESH = 24;
/** The number of the next row, how many rows are held, and how many may be. */
export const RING_NEXT = 28;
export const RING_HELD = 32;
export const RING_MOST = 36;
export const SEGMENT_SHIFT = 10;
export const SEGMENT_ROWS = 1024;

/** Where `find` writes the matches: positions counted from the oldest row held, u32. */
export const MATCHES = 45568;
export const MAX_MATCHES = 4096;

// One search ends after the row at which it has done this much, so that it takes some milliseconds at most, and
// another goes on with the rest. A field or a row takes some nanoseconds.
export const MAX_FIELDS_LOOKED_AT = 524_288;
export const MAX_ROWS_LOOKED_AT = 524_288;
/** Within a row, the search looks at no more fields than this in all: whatever is left may have the attributes. */
export const MAX_FIELDS_AT_ALL = 1_048_576;
/** How many positions the last search has looked at. */
export const FIND_LOOKED = 45144;
/**
 * Several traces: address of a table of bits, and how many bits of a hash choose one. The bits of the keys of these
 * traces are set, so that a row whose bit is not set belongs to none of them.
 */
export const CRITERIA_TRACE_BITS_AT = 45148;
export const CRITERIA_TRACE_BITS_LOG2 = 45152;
/**
 * A hash table of the ids of these traces: address of its slots of 16 bytes, zeros where there is none, and how many bits
 * of the hash choose one. The address is 0 when there is no table.
 */
export const CRITERIA_TRACE_TABLE_AT = 45156;
export const CRITERIA_TRACE_TABLE_LOG2 = 45160;
/** A trace key times this, of which the highest bits count (Knuth's multiplicative hash). */
export const TRACE_KEY_MULTIPLIER = 0x9e3779b1;

/** The texts of the row at hand, six addresses and lengths: service, name, attributes. The address is 0 where there is none. */
export const TEXTS = 61952;
/** Those of the attributes in the last scope and the last resource that were looked at. */
export const SCOPE_TEXTS = 62016;
export const RESOURCE_TEXTS = 62080;

// The columns of rows that match: an area that the host lays out, in which these are offsets.
/** How many rows and how many groups one call of `columns` writes at most. */
export const COLUMN_ROWS = 8192;
export const COLUMN_GROUPS = 1024;
/** The GROUP_BY_* and UNDECIDED_* bits. */
export const COLUMNS_FLAGS = 0;
export const COLUMNS_UNDECIDED_COUNT = 4;
export const COLUMNS_GROUPS_COUNT = 8;
/** The attributes to group by: how many, for each the place and the length of its key, and the keys. */
export const COLUMNS_ATTRIBUTES_COUNT = 12;
export const COLUMNS_ATTRIBUTES = 16;
export const MAX_GROUP_ATTRIBUTES = 4;
export const COLUMNS_ATTRIBUTES_KEYS = 64;
export const MAX_GROUP_KEY_BYTES = 1024;
/** One element a row. An offset is a position less that of the first row looked at. */
export const COLUMNS_TIMES = 4160;
export const COLUMNS_END_TIMES = 69696;
export const COLUMNS_OFFSETS = 135232;
export const COLUMNS_GROUP_OF = 168000;
export const COLUMNS_STATUSES = 200768;
/** Offsets of rows that match as far as they tell, and of which only decoding tells all that is asked. */
export const COLUMNS_UNDECIDED = 208960;
/** A hash table of groups: the index of each plus one, 0 where there is none. */
export const COLUMNS_TABLE = 241728;
export const COLUMNS_SLOTS = 4096;
/** The groups: a hash, a category, a status, and the texts as in TEXTS. */
export const COLUMNS_GROUPS = 258112;
export const GROUP_BYTES = 56;
export const GROUP_HASH = 0;
export const GROUP_CATEGORY = 4;
export const GROUP_STATUS = 5;
export const GROUP_TEXTS = 8;
export const MAX_GROUP_TEXTS = 6;
export const COLUMNS_BYTES = 315456;

export const GROUP_BY_SERVICE = 1;
export const GROUP_BY_NAME = 2;
export const GROUP_BY_CATEGORY = 4;
export const GROUP_BY_STATUS = 8;
/** Rows that do not tell enough: all, those whose category or status did not fit into a byte. */
export const UNDECIDED_ALL = 16;
export const UNDECIDED_CATEGORY = 32;
export const UNDECIDED_STATUS = 64;
/** A longer item may have attributes that are left out when it is decoded. */
export const MAX_DECIDED_BYTES = 24_000;
/** A longer value is left to decoding. */
export const MAX_DECIDED_VALUE_BYTES = 512;

/** Everything from here on is laid out by the host: see ./memory-layout.ts. */
export const HOST_BASE = 65536;
