import { Args } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { completionScript } from '../lib/cli/completion/scripts.js'
import { SHELLS, type CompletionDocument } from '../lib/contract/completion.js'

export default class Completion extends BaseCommand {
  static override summary = 'Print what makes a shell complete commands, flags, contexts and runs'
  static override description = `For good, for bash: wsctl completion bash > ~/.local/share/bash-completion/completions/wsctl
For zsh, into a folder of its fpath: wsctl completion zsh > ~/.zfunc/_wsctl
For fish: wsctl completion fish > ~/.config/fish/completions/wsctl.fish`
  static override examples = [
    { description: 'For this bash', command: 'source <(<%= config.bin %> <%= command.id %> bash)' },
    { description: 'For this zsh, after compinit', command: 'source <(<%= config.bin %> <%= command.id %> zsh)' },
  ]
  static override args = {
    shell: Args.option({ options: SHELLS })({ required: true, description: 'the shell that will read it' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(Completion)
    const script = completionScript(args.shell)
    const document: CompletionDocument = { schema: 'wsctl/completion@1', shell: args.shell, script }
    this.print(document, () => script.trimEnd())
  }
}
