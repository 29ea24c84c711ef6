import type { JSX } from "preact";
import type { ProfileJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { loneTime } from "../../format/dates.ts";
import { exactTime, parseTime, shortSeconds } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated } from "../../parts/live.ts";
import { NameText } from "../../parts/name-text.tsx";
import { NothingHeld } from "../../parts/nothing-held.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { hrefTo, route, zone } from "../../state/address.ts";
import { FlameGraph } from "./flame-graph.tsx";
import "../../styles/profiles.css";

const mostListed = 200;
/** A profile does not change; it may be evicted. */
const seldomMs = 60_000;

/** The profiles that are held, or the one that the address names. */
export function ProfilesView(): JSX.Element {
  const { id } = route.value;
  return (
    <section class="view scroll" aria-label="Profiles">
      {id === "" ? <ProfileList /> : <OneProfile cursor={id} />}
    </section>
  );
}

function ProfileList(): JSX.Element {
  const { answer, refusal } = useRepeated(
    "profiles",
    (abort) => call("SearchProfiles", { limit: mostListed }, abort),
    2_000,
    "profiles",
  );
  const { profiles = [], previous = "" } = answer.value ?? {};
  return (
    <>
      <h1 class="sr">Profiles</h1>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && profiles.length === 0 && (
        <NothingHeld
          signal="profiles"
          one="profile"
          hint="They appear here as they come, from the eBPF profiler of OpenTelemetry, say. Profiles are still in development in OTLP."
        />
      )}
      {profiles.length > 0 && (
        <>
          <p role="status">
            {countOf(profiles.length, "profile")}, the newest first
            {previous !== "" && "; older ones are not listed"}
          </p>
          <WideTable label="Profiles that are held" rowKeys>
            <ColumnHeads
              columns={["time", "service", "measures", { figure: "samples" }, { figure: "lasted" }]}
            />
            <tbody>
              {profiles.toReversed().map((profile) => (
                <ProfileRow key={profile.cursor} profile={profile} />
              ))}
            </tbody>
          </WideTable>
        </>
      )}
    </>
  );
}

function ProfileRow({ profile }: { readonly profile: ProfileJson }): JSX.Element {
  const time = parseTime(profile.time);
  return (
    <tr>
      <td class="mono">
        <a href={hrefTo({ view: "profiles", id: profile.cursor ?? "" })}>
          {time === undefined ? "no time" : loneTime(time, zone.value)}
        </a>
      </td>
      <td>
        <ServiceName service={profile.service ?? ""} />
      </td>
      <td>
        <NameText name={profile.type ?? ""} none="" />{" "}
        <span class="quiet">
          <NameText name={profile.unit ?? ""} none="" />
        </span>
      </td>
      <td class="figure">{numberText(profile.sampleCount ?? 0)}</td>
      <td class="figure">{shortSeconds(profile.duration)}</td>
    </tr>
  );
}

function OneProfile({ cursor }: { readonly cursor: string }): JSX.Element {
  const { answer, refusal } = useRepeated(
    `profile ${cursor}`,
    (abort) => call("GetProfile", { cursor, limit: 10_000, maxBytes: 16 << 20 }, abort),
    seldomMs,
  );
  const all = <a href={hrefTo({ view: "profiles" })}>All profiles</a>;
  if (answer.value === undefined) {
    return (
      <p class="empty" role="status">
        {refusal.value === "" ? "" : `${refusal.value}. It may have gone to make room for newer ones. `}
        {refusal.value !== "" && all}
      </p>
    );
  }
  const { profile = {} } = answer.value;
  const time = parseTime(profile.time);
  return (
    <>
      <div class="bar title">
        <h1>
          <NameText name={profile.type ?? ""} none="profile" />{" "}
          <span class="quiet">
            <NameText name={profile.unit ?? ""} none="" />
          </span>
        </h1>
        <ServiceName service={profile.service ?? ""} />
        <span class="mono">{time === undefined ? "no time" : exactTime(time, zone.value)}</span>
        <span>{countOf(profile.sampleCount ?? 0, "sample")}</span>
        {all}
      </div>
      <FlameGraph answer={answer.value} />
    </>
  );
}
