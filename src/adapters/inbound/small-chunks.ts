/** Chunks below this size cost more than their bytes. As Node delivers it, one costs about 400 bytes beside its own. */
export const SMALL_BYTES = 2_048;
/** Most bodies arrive in one chunk or two. One of more, with small ones among them, comes in pieces. */
export const FEW_CHUNKS = 2;
