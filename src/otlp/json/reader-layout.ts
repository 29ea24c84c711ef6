/**
 * What the JSON reader (AssemblyScript, `assembly/`) and its host (TypeScript) agree on: the memory, the entries of
 * the table that the host makes of the schemas, and the codes of results. Plain integer constants, so that both
 * languages read this one file. All offsets and sizes are bytes; all integers are little-endian.
 *
 * ```
 *  0       1024            8192      8704     12288    28672     77824    81920
 *  | unused | compiled data | control | powers | frames | members | starts | table | levels | JSON | ends | request |
 * ```
 *
 * The host decides where the last four are, and how large.
 */

// The control block, where the reader leaves what the host asks for.
/** The frame at the top of the stack, from which the host derives the path of a value. */
export const RESULT_FRAME = 8192;
/** The field of that frame whose value is read; 0 for none. */
export const RESULT_FIELD = 8196;
/** Where the text is not JSON. */
export const RESULT_ERROR_AT = 8200;
/** The encoded request ends here. */
export const RESULT_END = 8204;

/** 128 bits of the mantissa of each power of ten from SMALLEST_POWER to LARGEST_POWER, the high half first. */
export const POWERS = 8704;
export const SMALLEST_POWER = -100;
export const LARGEST_POWER = 100;

/** One frame for each message and each list that encloses the value that is read. */
export const FRAMES = 12288;
export const FRAME_BYTES = 96;
/** The field that holds the message or list; 0 for the request. A list and its element are two frames of one field. */
export const FRAME_FIELD = 0;
/** The index of the element of a list that is read; NO_INDEX before the first, and for messages. */
export const FRAME_INDEX = 4;
export const NO_INDEX = 0xffffffff;

/** The members of the objects that are read with care: MEMBER_BYTES for each name of each open message. */
export const MEMBERS = 28672;
export const MEMBER_BYTES = 12;
export const MAX_NAMES = 64;

/** Where the objects and lists begin that enclose the value that is skipped, of the first MAX_STARTS levels. */
export const STARTS = 77824;
export const MAX_STARTS = 160;

/** The table of messages, fields and names. */
export const TABLE = 81920;

// A message of the table.
/** Its names: NAMES_* . */
export const MESSAGE_NAMES = 0;
/** The name that is expected first: that of the newest object of this message. */
export const MESSAGE_PREDICTED = 4;
export const MESSAGE_FLAGS = 8;
export const MESSAGE_BYTES = 12;
/** What OTLP counts and rejects one by one: a span, log record, data point or profile. */
export const MESSAGE_IS_ITEM = 1;
/** The message contains items, at any depth. */
export const MESSAGE_LEADS_TO_ITEMS = 2;

// A field of the table.
/** The encoded tag, of one or two bytes. */
export const FIELD_TAG = 0;
export const FIELD_TAG_BYTES = 4;
export const FIELD_KIND = 5;
export const FIELD_FLAGS = 6;
/** The message that the field holds; 0 for none. */
export const FIELD_MESSAGE = 8;
/** Names of the values of an enum. */
export const FIELD_NAMES = 12;
/** The double in the same oneof as a 64-bit integer, which takes numbers that do not fit the integer. */
export const FIELD_DOUBLE_MEMBER = 16;
/** The oneof of which the field is a member, counted from 1; 0 for none. */
export const FIELD_ONEOF = 20;
/** The length of an id in base64 when its hex digits were sent in place of base64; 0 for others. */
export const FIELD_MISREAD_HEX_BYTES = 21;
/** How many bytes the length of the newest message in this field took. */
export const FIELD_LENGTH_BYTES = 22;
export const FIELD_BYTES = 24;

export const FIELD_IS_LIST = 1;
/** A list of numbers, which is encoded as one packed value. */
export const FIELD_IS_PACKED = 2;
/** The field holds items, or messages that lead to items. */
export const FIELD_LEADS_TO_ITEMS = 4;
/** Items, and metrics: without its name, unit or temporality a metric's points mean nothing. */
export const FIELD_IS_REJECTED_WHOLE = 8;
/** A value that does not fit counts as not set: without its ids a log record is merely not correlated. */
export const FIELD_IS_FORGIVING = 16;
/** The elements are attributes: KeyValue messages. */
export const FIELD_HOLDS_ATTRIBUTES = 32;

// What a field holds.
export const KIND_MESSAGE = 0;
export const KIND_STRING = 1;
export const KIND_BOOL = 2;
export const KIND_DOUBLE = 3;
export const KIND_BYTES = 4;
export const KIND_INT32 = 5;
export const KIND_SINT32 = 6;
export const KIND_UINT32 = 7;
export const KIND_FIXED32 = 8;
export const KIND_INT64 = 9;
export const KIND_SFIXED64 = 10;
export const KIND_UINT64 = 11;
export const KIND_FIXED64 = 12;
export const KIND_ENUM = 13;
/** Bytes that are hex, or base64 if the request writes its ids so. */
export const KIND_HEX_ID = 14;
/** Bytes that are 32 hex digits or base64. */
export const KIND_PROFILE_ID = 15;
/** A double that is no word: not NaN or an infinity. */
export const KIND_NUMBER = 16;

// A hash table of names: one less than the number of its buckets, a power of two, then for each bucket its first name.
export const NAMES_MASK = 0;
export const NAMES_BUCKETS = 4;

// A name: of a field in JSON, or of a value of an enum.
/** The next one in the bucket; 0 for none. */
export const NAME_NEXT = 0;
/** The field, or the number of the value. */
export const NAME_VALUE = 4;
/** The name that is expected after this one: the one that followed last time. */
export const NAME_PREDICTED = 8;
/** Bytes of the text in quotes. */
export const NAME_LENGTH = 12;
/** Which name of its message it is; names differ where the values of one field may come under two. */
export const NAME_BIT = 13;
/** The text in quotes, followed by zeros, then a mask of its bytes. */
export const NAME_TEXT = 16;
export const NAME_MASK = 64;
export const NAME_TEXT_BYTES = 48;
export const NAME_BYTES = 112;

/** A step of the hash of a name, on 32 bits: hash = (hash ^ byte) * NAME_HASH_FACTOR, from NAME_HASH_SEED. */
export const NAME_HASH_SEED = 0x811c9dc5;
export const NAME_HASH_FACTOR = 0x01000193;

// What `read` returns.
export const READ_PAUSED = 0;
export const READ_DONE = 1;
/** The envelope is wrong; the host has been told. */
export const READ_REFUSED = 2;
export const READ_NOT_JSON = 3;

// What is wrong with a value.
export const FAULT_NO_ARRAY = 1;
export const FAULT_NO_OBJECT = 2;
export const FAULT_DEPTH = 3;
export const FAULT_SECOND_MEMBER = 4;
export const FAULT_UNFIT = 5;
/** Hex digits were read as base64. */
export const FAULT_MISREAD_HEX = 6;
/** A text has half of a surrogate pair. */
export const FAULT_HALF_PAIR = 7;

/** The longest request for each byte of its JSON: in a list of numbers, `0,` is a double of eight bytes. */
export const OUT_SHARE = 4;
/** What is read and written in sixteens may go past an end. */
export const MARGIN = 1024;
