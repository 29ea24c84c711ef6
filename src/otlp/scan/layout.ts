/**
 * What the scanner (AssemblyScript, `assembly/`) and its host (TypeScript) agree on: the shape of a row, of the
 * control block and of a schema table entry. Plain integer constants, so that both languages read this one file.
 * All offsets and sizes are bytes; all integers are little-endian.
 *
 * ```
 *  0       1024           16384          20480         45056
 *  | unused | compiled data | control blocks | schema table | of whoever uses the scanner ...
 * ```
 */

// A row: one accepted item.
//
//  0                16        24      32      40     44     48    52    56      60      64    68    72     76
//  | trace id (16)  | span id | time  | time2 | item | item | re- | sc- | ser-  | ser-  | name| name| pa-  | bits |
//  | or profile id  |         |       |       | at   | len  | src | ope | vice  | hash  | at  | hash| rent |      |
//
//  80            88
//  | fingerprint |
//
// "at" is an address in the memory. Those of resource, scope, service, name and parent point at the length
// prefix of the field (0: none), that of the item at its first byte.
/** `assembly/row-memory.ts` clears and copies exactly this many bytes. */
export const ROW_BYTES = 88;
export const ROW_TRACE_ID = 0;
export const ROW_SPAN_ID = 16;
/** Span start, log time or else observed time, point time, profile time. */
export const ROW_TIME = 24;
/** Span end, log observed time. */
export const ROW_TIME_2 = 32;
export const ROW_ITEM_AT = 40;
export const ROW_ITEM_LENGTH = 44;
/** The ResourceSpans, ResourceLogs, ... message that the item came in. */
export const ROW_RESOURCE_AT = 48;
/** The ScopeSpans, ScopeLogs, ... message that the item came in. */
export const ROW_SCOPE_AT = 52;
export const ROW_SERVICE_AT = 56;
export const ROW_SERVICE_HASH = 60;
export const ROW_NAME_AT = 64;
export const ROW_NAME_HASH = 68;
/** The Metric message of a data point. */
export const ROW_PARENT_AT = 72;
/** Span kind, log severity or METRIC_* of a point; one byte, 255 for anything larger and for negative numbers. */
export const ROW_CATEGORY = 76;
/** Span status code. */
export const ROW_STATUS = 77;
/** 1 when the resource or the scope of the item, or a part of one, does not come first in its container; else 0. */
export const ROW_HAS_LATE_CONTEXT = 78;
/** Which attributes the item may have: see `assembly/fingerprint.ts`. */
export const ROW_FINGERPRINT = 80;

// Bits of ROW_FINGERPRINT: the item has a double, a bool, an attribute of which its bits tell the key alone; and all others.
export const FINGERPRINT_DOUBLE = 1;
export const FINGERPRINT_BOOL = 2;
export const FINGERPRINT_OTHER = 4;
export const FINGERPRINT_HASHED = -8;
/** Stands for no kind of a plain attribute: no item has both of these bits of one attribute. */
export const FINGERPRINT_NOT_PLAIN = 6;

// Kinds of item, as the schema table names them.
export const ITEM_SPAN = 0;
export const ITEM_LOG_RECORD = 1;
export const ITEM_NUMBER_POINT = 2;
export const ITEM_HISTOGRAM_POINT = 3;
export const ITEM_OTHER_POINT = 4;
export const ITEM_PROFILE = 5;

// ROW_CATEGORY of a data point.
export const METRIC_GAUGE = 1;
export const METRIC_SUM = 2;
export const METRIC_HISTOGRAM = 3;
export const METRIC_EXPONENTIAL_HISTOGRAM = 4;
export const METRIC_SUMMARY = 5;

// The schema table: TABLE_FIELDS entries of four bytes a message; a field number beyond has no entry.
//   bits 0-2   wire type (of one element, when repeated and packable)
//   bit  3     set: the field is known
//   bits 4-5   PACKED_* when the field may come packed
//   bits 8-15  index of the message that the field holds, plus one
//   bits 16-19 ROLE_* of a field that holds a message, else OP_*
//   bits 20-27 what the role or operation works on: a row offset, an ITEM_*, a METRIC_*
export const TABLE_FIELDS = 32;
export const ENTRY_WIRE_MASK = 7;
export const ENTRY_KNOWN = 8;
export const ENTRY_PACKED_SHIFT = 4;
export const ENTRY_MESSAGE_SHIFT = 8;
export const ENTRY_ACTION_SHIFT = 16;
export const ENTRY_ARGUMENT_SHIFT = 20;

export const PACKED_VARINT = 1;
export const PACKED_FIXED64 = 2;
export const PACKED_FIXED32 = 3;

// What a field that holds a message means to the index.
export const ROLE_RESOURCE_CONTAINER = 1;
export const ROLE_SCOPE_CONTAINER = 2;
export const ROLE_METRIC = 3;
export const ROLE_METRIC_DATA = 4;
export const ROLE_ITEM = 5;
export const ROLE_RESOURCE_ATTRIBUTE = 6;
export const ROLE_KEY_VALUE = 7;
/** The resource or the scope of a container. */
export const ROLE_CONTEXT = 8;

// What to do with the value of any other field.
/** Eight bytes into the row. */
export const OP_FIXED64 = 1;
/** One byte into the row. */
export const OP_ENUM = 2;
/** Address and hash of a string into the row. */
export const OP_STRING = 3;
export const OP_TRACE_ID = 4;
export const OP_SPAN_ID = 5;
export const OP_PARENT_SPAN_ID = 6;
/** A data point has a value. */
export const OP_VALUE = 7;
export const OP_BUCKET_COUNTS = 8;
export const OP_EXPLICIT_BOUNDS = 9;
export const OP_POINT_FLAGS = 10;
export const OP_METRIC_NAME = 11;
export const OP_PROFILE_ID = 12;

// Why an item was rejected; the count is that of the reasons.
export const REJECT_TRACE_ID_LENGTH = 0;
export const REJECT_TRACE_ID_ZERO = 1;
export const REJECT_SPAN_ID_LENGTH = 2;
export const REJECT_SPAN_ID_ZERO = 3;
export const REJECT_PARENT_ID_LENGTH = 4;
export const REJECT_TIME_ZERO = 5;
export const REJECT_NO_VALUE = 6;
export const REJECT_BUCKETS = 7;
export const REJECT_PROFILE_ID = 8;
export const REJECT_DEPTH = 9;
export const REJECT_REASONS = 10;

// Why a request is not the message.
export const FAULT_VARINT_TRUNCATED = 1;
export const FAULT_VARINT_TOO_LONG = 2;
export const FAULT_LENGTH = 3;
export const FAULT_FIXED = 4;
export const FAULT_WIRE_TYPE = 5;
export const FAULT_FIELD_NUMBER = 6;
export const FAULT_DEPTH = 7;
export const FAULT_KNOWN_WIRE_TYPE = 8;
export const FAULT_PACKED = 9;
export const FAULT_FIELDS = 10;

/** Messages may nest this deep; the request itself is the first. An item that nests deeper is rejected alone. */
export const MAX_DEPTH = 64;
/** A request that nests deeper is not the message: Protobuf-ES reads no more. */
export const MAX_DEPTH_READ = 100;
/** The most fields of one metric, and of one attribute of a resource: both are looked over in one go. */
export const MAX_FIELDS = 1048576;

// The control blocks: one for each scanner over the memory, as offsets.
export const CONTROL = 16384;
export const CONTROL_BYTES = 2048;
/** Result of a scan: items accepted, items rejected, then the fault: code, address, detail. */
export const RESULT_ACCEPTED = 0;
export const RESULT_REJECTED = 4;
export const RESULT_FAULT = 8;
export const RESULT_FAULT_AT = 12;
export const RESULT_FAULT_DETAIL = 16;
/** Three numbers for each reason: how many items (u32), and the address and the offending length of the first. */
export const RESULT_REASONS = 32;
export const REASON_BYTES = 12;
/** The row after the newest staged one. */
export const RESULT_STAGED_NEXT = 256;
/** Where a scan that paused goes on: one address a level. */
export const WAY = 260;

/** The schema table: room for 192 messages. */
export const TABLE = 20480;
/** The scanner uses nothing from here on, and only what it is told to. */
export const SCAN_END = 45056;
