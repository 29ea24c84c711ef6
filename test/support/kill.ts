import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** Kills a process, if it is there, and gives it no time to end anything. Resolves when it is gone. */
export async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
