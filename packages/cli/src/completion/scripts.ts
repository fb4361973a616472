/**
 * The script that each shell loads. The candidates come from `joinery __complete`, so a script never gets old. Each
 * line is a candidate, a tab and its description. The last line is `:0` if the shell must offer files, else `:4`. This
 * is the protocol of Cobra, which kubectl speaks with its plugins (kubectl_complete-joinery).
 */
export const scripts = {
  bash: `# joinery completion bash
_joinery() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :0) compopt -o default ;;
      :*) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(joinery __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # the text behind a = belongs to the same word
  [[ \${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}
complete -F _joinery joinery
`,
  zsh: `#compdef joinery
# joinery completion zsh
_joinery() {
  local line files=0
  local -a candidates
  for line in "\${(@f)$(joinery __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :0) files=1 ;;
      :*|'') ;;
      *) candidates+=("\${\${line/$'\\t'/:}%:}") ;;
    esac
  done
  if (( files )); then _files; else _describe joinery candidates; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _joinery "$@"; else compdef _joinery joinery; fi
`,
  fish: `# joinery completion fish
function __joinery_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l lines (joinery __complete $words "$current" 2>/dev/null)
    if test "$lines[-1]" = :0
        __fish_complete_path "$current"
    else
        printf '%s\\n' $lines[1..-2]
    end
end
complete -c joinery -f -a '(__joinery_complete)'
`
} as const
export type Shell = keyof typeof scripts
