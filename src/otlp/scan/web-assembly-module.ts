import { readFileSync } from "node:fs";
import { getRawAsset, isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import { ObsvtyError } from "../../domain/errors.ts";

const modules = new Map<string, WebAssembly.Module>();

/**
 * The exports of a compiled AssemblyScript module over a memory, which several modules may share. The module is
 * compiled once a process.
 * @param name of the file in `gen/`
 * @param host what the module calls
 */
export function instantiate<Exports>(
  name: string,
  memory: WebAssembly.Memory,
  host: Readonly<Record<string, WebAssembly.HostFunction>> = {},
): Exports {
  let module = modules.get(name);
  if (module === undefined) {
    module = new WebAssembly.Module(readModule(name));
    modules.set(name, module);
  }
  return new WebAssembly.Instance(module, { env: { memory }, host }).exports as Exports;
}

/** The single executable has the file in itself, by the name that `sea-config.json` gives it. */
function readModule(name: string): Uint8Array<ArrayBuffer> {
  if (isSea()) return new Uint8Array(getRawAsset(name));
  return readFileSync(fileURLToPath(import.meta.resolve(`#gen/${name}`)));
}

const pageBytes = 65_536;

/**
 * A memory of a fixed size. Pages that are never written cost nothing.
 * @throws ObsvtyError `invalid-argument` when the process cannot reserve that much address space
 */
export function reserveMemory(byteLength: number): WebAssembly.Memory {
  const pages = Math.ceil(byteLength / pageBytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    const message = `the process cannot have ${byteLength} bytes of address space`;
    throw new ObsvtyError("invalid-argument", message, { cause });
  }
}
