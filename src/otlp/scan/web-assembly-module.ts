import { readFileSync } from "node:fs";
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
    module = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(`#gen/${name}`))));
    modules.set(name, module);
  }
  return new WebAssembly.Instance(module, { env: { memory }, host }).exports as Exports;
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
