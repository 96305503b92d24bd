import { Args } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { completionScript } from '../lib/cli/completion/scripts.js'
import { SHELLS, type CompletionDocument } from '../lib/contract/completion.js'

export default class Completion extends BaseCommand {
  static override summary = 'Print what makes a shell complete commands, flags, contexts and runs'
  static override description = 'The script asks wsctl itself, so it stays true when wsctl is updated.'
  static override examples = [
    {
      description: 'Goes to ~/.local/share/bash-completion/completions/wsctl, or is sourced by ~/.bashrc',
      command: '<%= config.bin %> <%= command.id %> bash',
    },
    {
      description: 'Goes to a file _wsctl in a folder of the fpath, or is sourced after compinit',
      command: '<%= config.bin %> <%= command.id %> zsh',
    },
    {
      description: 'Goes to ~/.config/fish/completions/wsctl.fish',
      command: '<%= config.bin %> <%= command.id %> fish',
    },
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
