import type { Command, Option } from "commander";
import { type Completed, completionOf, type Held } from "../flags/completed.ts";
import type { FlagValues } from "../flags/filter-flags.ts";

export interface Candidate {
  readonly word: string;
  readonly meaning?: string | undefined;
}

/** What may stand for a word that was begun. */
export interface Completion {
  /** What the shell itself completes the word with, beside the candidates. */
  readonly also: "nothing" | "files" | "commands";
  readonly candidates: readonly Candidate[];
}

/**
 * Asks the server.
 * @param begun what the values begin with
 * @param flags those that stand before the word
 */
export type AskHeld = (held: Held, begun: string, flags: FlagValues) => Promise<readonly Candidate[]>;

/**
 * Completes the last of the words. What there is to complete is read from the commands, their flags and arguments, so
 * that it is what they take.
 * @param words without the name of the program; the last may be empty
 */
export async function complete(
  program: Command,
  words: readonly string[],
  askHeld: AskHeld,
): Promise<Completion> {
  const begun = words.at(-1) ?? "";
  const place = placeBehind(program, words.slice(0, -1));
  if (place === "a command") return { also: "commands", candidates: [] };
  const { command, openFlag, onlyArguments, flags, given } = place;
  const valuesOf = (completed: Completed, before: string) => values(completed, before, begun, flags, askHeld);
  if (openFlag !== undefined) return valuesOf(completionOf(openFlag), "");
  if (begun.startsWith("-") && !onlyArguments) {
    const [, flag = ""] = /^(--[a-z-]+)=/.exec(begun) ?? [];
    const option = flag === "" ? undefined : optionOf(command, flag);
    if (option?.required) return valuesOf(completionOf(option), `${flag}=`);
    return beginning(begun, flagsOf(command));
  }
  if (command.name() === "help") return beginning(begun, namesOf(commandAt(program, given)));
  if (given.length === 0 && command.commands.length > 0) return beginning(begun, namesOf(command));
  const { registeredArguments } = command;
  const argument = registeredArguments[given.length] ?? registeredArguments.findLast((each) => each.variadic);
  if (argument !== undefined) return valuesOf(completionOf(argument), "");
  return beginning(begun, onlyArguments ? [] : flagsOf(command));
}

interface Place {
  readonly command: Command;
  /** The flag whose value comes next. */
  readonly openFlag: Option | undefined;
  /** Whether `--` has ended the flags. */
  readonly onlyArguments: boolean;
  readonly flags: FlagValues;
  /** The arguments of the command. */
  readonly given: readonly string[];
}

function placeBehind(program: Command, words: readonly string[]): Place | "a command" {
  let command = program;
  let openFlag: Option | undefined;
  let onlyArguments = false;
  const flags: Record<string, string> = {};
  const given: string[] = [];
  for (const word of words) {
    if (openFlag !== undefined) {
      flags[openFlag.attributeName()] = word;
      openFlag = undefined;
    } else if (word === "--" && !onlyArguments) {
      if (command.name() === "run") return "a command";
      onlyArguments = true;
    } else if (/^-./.test(word) && !onlyArguments) {
      const [name = "", value] = word.split(/=(.*)/s);
      const option = optionOf(command, name);
      if (option?.required && value === undefined) openFlag = option;
      if (option?.required && value !== undefined) flags[option.attributeName()] = value;
    } else {
      const next = given.length === 0 ? subcommand(command, word) : undefined;
      if (next === undefined) given.push(word);
      command = next ?? command;
    }
  }
  return { command, openFlag, onlyArguments, flags, given };
}

async function values(
  { words = [], isList = false, isFile = false, held }: Completed,
  before: string,
  begun: string,
  flags: FlagValues,
  askHeld: AskHeld,
): Promise<Completion> {
  const typed = begun.slice(before.length);
  const listed = isList ? typed.slice(0, typed.lastIndexOf(",") + 1) : "";
  const part = typed.slice(listed.length);
  const found = held === undefined ? [] : await askHeld(held, part, flags);
  const candidates = [...words.map((word) => ({ word })), ...found]
    .filter(({ word }) => word.startsWith(part))
    .map((candidate) => ({ ...candidate, word: `${before}${listed}${candidate.word}` }));
  return { also: isFile ? "files" : "nothing", candidates };
}

function beginning(begun: string, candidates: readonly Candidate[]): Completion {
  return { also: "nothing", candidates: candidates.filter(({ word }) => word.startsWith(begun)) };
}

function namesOf(command: Command | undefined): Candidate[] {
  return (command?.commands ?? []).map((each) => ({ word: each.name(), meaning: each.description() }));
}

function commandAt(program: Command, path: readonly string[]): Command | undefined {
  return path.reduce<Command | undefined>((parent, name) => parent && subcommand(parent, name), program);
}

export function subcommand({ commands }: Command, name: string): Command | undefined {
  return commands.find((each) => each.name() === name || each.aliases().includes(name));
}

/** The options that the help of a command lists. */
function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

function optionOf(command: Command, flag: string): Option | undefined {
  return optionsOf(command).find((option) => option.short === flag || option.long === flag);
}

/** Where an option has two long names, the first is the one that help and documentation use. */
function flagsOf(command: Command): Candidate[] {
  return optionsOf(command).map(({ short, long, description }) => ({
    word: short?.startsWith("--") ? short : (long ?? short ?? ""),
    meaning: description,
  }));
}
