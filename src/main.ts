import { compose } from "./compose.ts";
import { runService } from "./service.ts";

await runService(compose);
