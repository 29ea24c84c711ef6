import { type Config, type ConfigSources, readVariables } from "./config.ts";
import { speaksTlsWithKafka } from "./forward-tls.ts";
import { settings } from "./settings.ts";

const keys: readonly string[] = Object.keys(settings);

/** What is odd in the settings and taken as it is: one line for each. */
export function settingWarnings(
  config: Config,
  { env = process.env, file = ".env" }: ConfigSources = {},
): string[] {
  const variables = [...Object.keys(env), ...Object.keys(readVariables(file))];
  const misspelt = [...new Set(variables)].flatMap((name) => {
    const key = keys.includes(name) ? undefined : keys.find((known) => isNear(name, known));
    return key === undefined ? [] : [`${name} is no setting of obsvty; ${key} is`];
  });
  const odd: readonly (readonly [is: boolean, warning: string])[] = [
    [
      config.tlsAllowCleartext && config.tlsCertFile === undefined,
      "TLS_ALLOW_CLEARTEXT does nothing without TLS_CERT_FILE",
    ],
    [
      Object.keys(config.forwardOtlpHeaders).length > 0 && isOpenToOthers(config.forwardOtlpEndpoint),
      "FORWARD_OTLP_HEADERS are sent without TLS, because FORWARD_OTLP_ENDPOINT begins with http://",
    ],
    [
      config.forwardKafkaSasl === "plain" &&
        !speaksTlsWithKafka(config) &&
        !config.forwardKafkaBrokers.every(({ host }) => isLoopback(host)),
      "FORWARD_KAFKA_PASSWORD is sent without TLS: set FORWARD_KAFKA_TLS=true, or a mechanism of SCRAM",
    ],
  ];
  return [...misspelt, ...odd.filter(([is]) => is).map(([, warning]) => warning)];
}

/** Whether what is sent there passes through a network as it is. */
function isOpenToOthers(url: URL | undefined): boolean {
  return url?.protocol === "http:" && !isLoopback(url.hostname);
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/.test(host);
}

/** Other programs have variables of their own, also in the same `.env`: only a slip of the finger counts. */
const maxSlips = 2;
/** In a short name two slips can be another word. */
const minLength = 8;

function isNear(name: string, known: string): boolean {
  if (name.length < minLength || Math.abs(name.length - known.length) > maxSlips) return false;
  return distance(name.toUpperCase(), known) <= maxSlips;
}

/** How many characters have to be put in, taken out or changed to make one text of the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
