import type { PageBounds, Show } from "./answer-page.ts";
import { AnswerPage } from "./answer-page.ts";
import { forEachInSteps } from "./in-steps.ts";
import type { ReadDependencies } from "./read-dependencies.ts";

/** Shows, in short steps, as many of the items as fit into one page. What does not fit has no cursor to go on from. */
export async function showInSteps<Item, Value>(
  dependencies: Pick<ReadDependencies, "pace" | "turns">,
  items: Iterable<Item>,
  bounds: PageBounds,
  abort: AbortSignal | undefined,
  show: Show<Item, Value>,
): Promise<readonly Value[]> {
  const page = new AnswerPage<Value>(bounds, "oldest");
  await forEachInSteps(dependencies, items, abort, (item) => page.add(0, show(item)));
  return page.values;
}
