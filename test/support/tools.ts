import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a program is, in the folders of the PATH. */
export function onPath(program: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** Why tests that need these programs are skipped; false when all are there. */
export function lacking(...programs: readonly string[]): string | false {
  const absent = programs.find((program) => onPath(program) === undefined);
  return absent !== undefined && `there is no ${absent} on the PATH`;
}
