/**
 * What each shell reads. The scripts hand over what is typed and show what comes back; what completes a word, the
 * program says. Bash gets replies that are quoted, since it only puts them in; the others quote by themselves.
 */
export const scripts = {
  bash: `_obsvty() {
  local also= reply
  COMPREPLY=()
  while IFS= read -r reply; do
    if [ -z "$also" ]; then also=$reply; else COMPREPLY+=("$reply"); fi
  done < <("$1" completion bash -- "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  case $also in
    files) while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$2") ;;
    commands) while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -c -- "$2") ;;
  esac
  # What ends in one of these goes on; Bash 3 has no compopt.
  case \${COMPREPLY[0]-} in *[=,]) compopt -o nospace 2>/dev/null ;; esac
  case $also in files) compopt -o filenames 2>/dev/null ;; esac
}
complete -F _obsvty obsvty
`,
  zsh: `#compdef obsvty
_obsvty() {
  local also= word meaning
  local -a values shown going goingShown
  while IFS=$'\\t' read -r word meaning; do
    if [[ -z $also ]]; then also=$word; continue; fi
    [[ -n $meaning ]] && meaning="$word  -- $meaning" || meaning=$word
    case $word in
      *=) going+=("$word"); goingShown+=("$meaning") ;;
      *) values+=("$word"); shown+=("$meaning") ;;
    esac
  done < <("$words[1]" completion zsh -- "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)
  compadd -l -d shown -a values
  compadd -l -S '' -d goingShown -a going
  case $also in
    files) compset -P '--*='; _files ;;
    commands) _command_names -e; _files ;;
  esac
}
if [[ $funcstack[1] == _obsvty ]]; then _obsvty "$@"; else compdef _obsvty obsvty; fi
`,
  fish: `function __obsvty_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] completion fish -- $words[2..-1] "$current" 2>/dev/null)
    set -l flag (string match -r -- '^--[a-z-]+=' "$current")
    switch "$lines[1]"
        case files
            __fish_complete_path (string replace -- "$flag" '' "$current") | string replace -r -- '^' "$flag"
        case commands
            __fish_complete_command
            __fish_complete_path "$current"
    end
    string join \\n -- $lines[2..-1]
end
complete -c obsvty -f -a '(__obsvty_complete)'
`,
} as const;

export type Shell = keyof typeof scripts;
export const shells = Object.keys(scripts) as Shell[];
