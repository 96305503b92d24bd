import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { copiesFlags, stateFlags } from '../lib/cli/flags/server.js'
import { makeReport, REPORT_FORMATS } from '../lib/cli/report.js'

export default class Report extends BaseCommand {
  static override summary = 'Make the report of a run: charts, decisions, checklist, recommendations'
  static override description = `From the records alone; nothing is sent. The HTML is one file that needs no network and no script, in light,
dark and on paper. Markdown holds the same for a pull request or a wiki. A run that has not ended is reported as
far as it has come. Users are told as counts, never by name.`
  static override examples = [
    {
      description: 'The newest run, as a page',
      command: '<%= config.bin %> <%= command.id %> --output report.html',
    },
    {
      description: 'One run, for a pull request',
      command: '<%= config.bin %> <%= command.id %> 20261124-0930 --format md',
    },
    {
      description: 'The highest error rate of the newest run, in a pipeline',
      command: '<%= config.bin %> <%= command.id %> --json | jq .figures.highestErrorRate',
    },
  ]
  static override args = {
    id: Args.string({ ignoreStdin: true, description: 'id of a run, or its beginning [default: the newest run]' }),
  }
  static override flags = {
    format: Flags.option({
      options: REPORT_FORMATS,
      description: 'of the report [default: by the ending of --output, else md]',
    })(),
    output: Flags.string({ char: 'o', helpValue: 'FILE', description: 'write it to a file' }),
    ...copiesFlags,
    ...stateFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report)
    await makeReport(this, args.id, flags)
  }
}
