/** Chunks below this size cost more than their bytes. As Node delivers it, one costs about 400 bytes beside its own. */
export const SMALL_BYTES = 2_048;
/** An ordinary body has at most this many small chunks: its last one, and one at the edge of a socket read. */
export const FEW_SMALL_CHUNKS = 2;
