import type { DescMessage, DescService, FileRegistry } from "@bufbuild/protobuf";

const protoPackage = "connectrpc.conformance.v1";

export function messageOf(registry: FileRegistry, name: string): DescMessage {
  return found(registry.getMessage(`${protoPackage}.${name}`), name);
}

export function serviceOf(registry: FileRegistry, name: string): DescService {
  return found(registry.getService(`${protoPackage}.${name}`), name);
}

function found<T>(descriptor: T | undefined, name: string): T {
  if (descriptor === undefined) throw new Error(`${protoPackage} has no ${name}`);
  return descriptor;
}
