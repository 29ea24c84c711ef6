// The tags of the fields that lead to attributes, and of their parts (resource.proto, common.proto).

/** ResourceSpans.resource, ScopeSpans.scope and their like in the other signals. */
export const CONTEXT_TAG: u32 = 0x0a;
/** Resource.attributes */
export const RESOURCE_ATTRIBUTES_TAG: u32 = 0x0a;
/** InstrumentationScope.attributes */
export const SCOPE_ATTRIBUTES_TAG: u32 = 0x1a;
/** KeyValue.key and KeyValue.value */
export const KEY_TAG: u32 = 0x0a;
export const VALUE_TAG: u32 = 0x12;
/** AnyValue.string_value */
export const STRING_VALUE_TAG: u32 = 0x0a;
