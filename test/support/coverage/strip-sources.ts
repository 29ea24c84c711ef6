import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/*
 * Makes the coverage figure true. V8 counts positions in the code that it runs. tsx joins the code of a file
 * into a few lines, and Node then reads those positions as if they were positions in the source. Under
 * coverage this hook has Node load the files of src, which replaces types by blanks and moves nothing, so
 * that tsx transforms the tests alone. A process that a test starts with `node src/main.ts` loads them in the
 * same way, so its counts can be added.
 */

const sources = pathToFileURL("src/").href;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith(sources) || !url.endsWith(".ts")) return nextLoad(url, context);
    // Node appends the source URL too. Only code of equal length is counted as the same code.
    const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8"), { sourceUrl: url });
    return { format: "module", source, shortCircuit: true };
  },
});
