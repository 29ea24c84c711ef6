import { contentTypes } from "../../../otlp/content-types.ts";

/**
 * A command for a POSIX shell that calls a method of QueryService.
 * @param base address of the page, with a slash at the end
 * @param withToken whether the server wants a token: the command reads it from the environment, and does not hold it
 */
export function curlOf(base: string, method: string, request: object, withToken: boolean): string {
  const token = withToken ? ` -H "authorization: Bearer $API_TOKEN"` : "";
  const body = JSON.stringify(request).replaceAll("'", `'\\''`);
  return `curl -sS ${base}obsvty.v1.QueryService/${method} -H 'content-type: ${contentTypes.json}'${token} -d '${body}'`;
}
