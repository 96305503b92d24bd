#compdef wsctl
# Completion of wsctl for zsh. To load it, after compinit: source <(wsctl completion zsh)
_wsctl() {
  local kind line
  local -a lines described endings typed
  (( CURRENT > 2 )) && typed=("${(@Q)words[2,CURRENT-1]}")
  lines=("${(@f)$("${(Q)words[1]/#\~\//$HOME/}" __complete zsh "${typed[@]}" "${(Q)PREFIX}" 2>/dev/null)}")
  kind=$lines[1]
  case $kind in
    (files*|folders)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      endings=(${=kind#f*s})
      if [[ $kind == folders ]]; then
        _files -/
      elif (( $#endings )); then
        _files -g "*.(${(j:|:)endings})"
      else
        _files
      fi
      ;;
    (words)
      for line in "${(@)lines[2,-1]}"; do
        described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
      done
      (( $#described )) && _describe -V 'wsctl' described
      ;;
  esac
}

if [[ $funcstack[1] == _wsctl ]]; then
  _wsctl "$@"
else
  compdef _wsctl wsctl
fi
