/** The part of the WebAssembly JavaScript API that is used; Node has it, its types leave it to the DOM's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  type HostFunction = (...args: number[]) => unknown;
  class Memory {
    constructor(descriptor: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory | HostFunction>>);
    readonly exports: Record<string, unknown>;
  }
}
