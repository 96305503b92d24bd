import { Command } from '@oclif/core'
import { exitCodeOf } from '../core/outcome.js'
import { errorDocument } from '../contract/error.js'
import { errorResult } from '../contract/result.js'
import { globalFlags } from './flags.js'
import { reportError, toWsctlError } from './report-error.js'
import { openScreen, type Screen } from './screen.js'
import { readEnvironment, type Environment } from './settings.js'

/** What every command shares: where it prints, how it ends, and how it fails. */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags

  /** Which document stands for a failure under `--json`. */
  protected readonly failureDocument: 'result' | 'error' = 'error'
  /** An emergency goes on with less than it was told, where any other command would refuse. */
  protected readonly isEmergency: boolean = false
  private cachedEnvironment: Environment | null = null

  /** The process's environment over `.env` in the working folder. */
  get environment(): Environment {
    this.cachedEnvironment ??= readEnvironment(process.cwd(), (error) => {
      if (!this.isEmergency) throw error
      this.note(`Warning: ${error.message}`)
    })
    return this.cachedEnvironment
  }

  get screen(): Screen {
    return openScreen(this.argv.includes('--no-color'), this.environment)
  }

  /** Whether the only thing on stdout is to be a JSON document. */
  get json(): boolean {
    const end = this.argv.indexOf('--')
    return (end === -1 ? this.argv : this.argv.slice(0, end)).includes('--json')
  }

  /** As typed, without the program's name. */
  get typed(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** Prints a result: the document under `--json`, else its text. */
  print(document: object, text: (screen: Screen) => string): void {
    const { stdout } = process
    stdout.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : `${text(this.screen)}\n`)
  }

  /** Tells the operator something on stderr. */
  note(message: string): void {
    process.stderr.write(`${message}\n`)
  }

  /** Every failure ends here: one message, one exit code, and under `--json` one document. */
  protected override async catch(thrown: Error): Promise<void> {
    const error = toWsctlError(thrown, this.typed)
    process.exitCode = exitCodeOf(error.outcome)
    if (this.json) {
      const document =
        this.failureDocument === 'result' ? errorResult(this.typed, error) : errorDocument(this.typed, error)
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    }
    // Not by way of `.env`, which may be what could not be read.
    reportError(error, openScreen(this.argv.includes('--no-color'), process.env).err.palette)
  }
}
