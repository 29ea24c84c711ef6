// The memory of a row, which has ROW_BYTES. `memory.fill` and `memory.copy` are calls, which take several times as long for
// so few bytes.

import { ROW_BYTES } from "../layout";

// The compiler refuses it when a row has another length.
if (ROW_BYTES != 88) ERROR("a row has not 88 bytes");

// @ts-ignore: decorator
@inline
export function clearRow(row: usize): void {
  const zeros = i64x2.splat(0);
  v128.store(row, zeros, 0);
  v128.store(row, zeros, 16);
  v128.store(row, zeros, 32);
  v128.store(row, zeros, 48);
  v128.store(row, zeros, 64);
  store<u64>(row, 0, 80);
}

// @ts-ignore: decorator
@inline
export function copyRow(target: usize, source: usize): void {
  v128.store(target, v128.load(source, 0), 0);
  v128.store(target, v128.load(source, 16), 16);
  v128.store(target, v128.load(source, 32), 32);
  v128.store(target, v128.load(source, 48), 48);
  v128.store(target, v128.load(source, 64), 64);
  store<u64>(target, load<u64>(source, 80), 80);
}
