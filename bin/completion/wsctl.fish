# Completion of wsctl for fish. To load it: wsctl completion fish | source
function __wsctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($typed[1] __complete fish $typed[2..] "$current" 2>/dev/null)
    switch "$lines[1]"
        case words
            string join \n -- $lines[2..]
        case folders
            __fish_complete_directories "$current" ''
        case 'files*'
            __fish_complete_path "$current"
    end
end

complete -c wsctl -f -k -a '(__wsctl_complete)'
