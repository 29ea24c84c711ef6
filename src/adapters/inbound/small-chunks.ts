/** Chunks below this size cost more than their bytes. As Node delivers it, one costs about 400 bytes beside its own. */
export const SMALL_BYTES = 2_048;
/** An ordinary body has so many of them at the most: its last one is small, and another where one read ended. */
export const FEW_SMALL_CHUNKS = 2;
