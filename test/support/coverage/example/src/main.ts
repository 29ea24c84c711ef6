import { inProcess } from "./known.ts";

process.stdout.write(String(inProcess(true)));
