# Completion of wsctl for bash. To load it: source <(wsctl completion bash)
# Nothing newer than bash 3.2, which macOS has.
_wsctl() {
  local answer kind line current=${COMP_WORDS[COMP_CWORD]} program=${1/#\~\//$HOME/}
  COMPREPLY=()
  [[ $current == '=' ]] && current=''
  answer=$("$program" __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null) || return
  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done <<<"$answer"
  case $kind in
    files | folders | files\ *)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do
        COMPREPLY+=("$line")
      done < <(_wsctl_paths "$kind" "$current")
      ;;
    *)
      compopt -o nosort 2>/dev/null
      ;;
  esac
}

# Paths that begin so: all, folders alone, or folders and the files with one of some endings.
_wsctl_paths() {
  local ending
  if [[ $1 == files ]]; then
    compgen -f -- "$2"
    return
  fi
  compgen -d -- "$2"
  for ending in ${1#f*s}; do
    compgen -f -X "!*.$ending" -- "$2"
  done
}

complete -F _wsctl wsctl
