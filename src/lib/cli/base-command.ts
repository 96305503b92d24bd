import { Command, Config, type Interfaces } from '@oclif/core'
import { WsctlError } from '../core/error.js'
import { exitCodeOf } from '../core/outcome.js'
import { errorDocument } from '../contract/error.js'
import { errorResult } from '../contract/result.js'
import { addressed } from './address.js'
import { chooseContext, requireFiles, unknownServer, type ContextFlags } from './contexts.js'
import { readEnvironment, type Environment, type NamedContext, type Variables } from './environment.js'
import { globalFlags } from './flags/server.js'
import { watchStdout } from './output.js'
import { NOWHERE } from './platform-folders.js'
import { annotatedFailure, pipelineOf, tellFailure, tellPipeline } from './pipeline.js'
import { reportError, toWsctlError } from './report-error.js'
import { openScreen, type Screen } from './screen.js'
import { namedServer, resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { requireRecords } from './state-folder.js'
import { closeState, doWithoutShared } from './state-store.js'
import { tell } from './tell.js'

/** What every command shares: where it prints, how it ends, and how it fails. */
export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags
  /** None, for a command that has only arguments. */
  static override flags: Interfaces.FlagInput = {}

  /** Which document stands for a failure under `--json`. */
  protected readonly failureDocument: 'result' | 'error' = 'error'
  /** An emergency goes on with less than it was told, where any other command would refuse. */
  protected readonly isEmergency: boolean = false
  private cachedEnvironment: Environment | null = null
  private context: NamedContext | null = null
  private given: (ContextFlags & SettingsFlags) | null = null

  /** As that of oclif, which reads its configuration anew for each command: it is read already. */
  static override async run<T extends Command>(
    this: new (argv: string[], config: Config) => T,
    argv?: string[],
    options?: Interfaces.LoadOptions,
  ): Promise<ReturnType<T['run']>> {
    if (!(options instanceof Config)) throw new TypeError('a command is run with the configuration of the program')
    const command = new this(argv ?? [], options)
    if (!(command instanceof BaseCommand)) throw new TypeError('this runs commands of the program')
    return command._run<ReturnType<T['run']>>()
  }

  protected override async init(): Promise<void> {
    await super.init()
    watchStdout()
  }

  /** The process's environment over `.env` in the working folder, and the context once flags are parsed. */
  get environment(): Environment {
    this.cachedEnvironment ??= readEnvironment(process.cwd(), (error) => this.doWithout(error))
    return { ...this.cachedEnvironment, context: this.context }
  }

  get variables(): Variables {
    return this.environment.variables
  }

  get screen(): Screen {
    return openScreen(this.argv.includes('--no-color'), this.variables)
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
    tell(message)
  }

  /** Settings that cannot be read: told, or thrown when the command must not go on without them. */
  protected doWithout(error: WsctlError): void {
    if (!this.isEmergency) throw error
    this.caution(error.message)
  }

  /** Tells what is not as it should be, and goes on. */
  protected caution(warning: string): void {
    this.note(`Warning: ${warning}`)
  }

  /** Remembers what was given, so that a failure can name the server that it was about, and opens the context. */
  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv)
    this.given = parsed.flags
    if ('context' in this.ctor.flags) await this.openContext()
    if (!this.needsRecords(parsed.flags) || (await this.hasRecords())) return parsed
    // What hangs is not touched again: each try would take one of the few threads that files are read with.
    if (this.tryResolve()?.state !== null) return parsed
    this.given = { ...this.given, 'state-dir': NOWHERE }
    return { ...parsed, flags: { ...parsed.flags, 'state-dir': NOWHERE } }
  }

  /** What stands in for flags that were not typed, so that a failure names the servers of a plan file too. */
  protected remember(flags: ContextFlags & SettingsFlags): void {
    this.given = flags
  }

  private async openContext(): Promise<void> {
    const flags = this.given ?? {}
    try {
      this.context = await chooseContext(flags, this.environment, (warning) => this.caution(warning))
      if (this.context === null || this.isEmergency) return
      requireFiles(resolveSettings(flags, this.environment), Object.keys(this.ctor.flags))
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      if (this.isEmergency && namedServer(flags, this.environment) === null) throw unknownServer(error, this.typed)
      this.doWithout(error)
    }
  }

  /** Whether a folder of records that does not answer is only told of, by a command that is about something else. */
  protected readonly goesOnWithoutRecords: boolean = false

  /** Whether the command is of no use without the records, and so is refused when their folder does not answer. */
  protected readonly needsRecords: (flags: Readonly<Record<string, unknown>>) => boolean = () =>
    'state-dir' in this.ctor.flags

  /** False for a command that goes on without them. */
  private async hasRecords(): Promise<boolean> {
    const settings = this.tryResolve()
    // Settings that cannot be are told by the command itself.
    if (settings === null) return true
    try {
      await requireRecords(settings, { mayMigrate: !this.isEmergency })
      return true
    } catch (error) {
      const told = toWsctlError(error, this.typed)
      await doWithoutShared(settings, told)
      if (this.goesOnWithoutRecords) this.caution(told.message)
      else this.doWithout(told)
      return false
    }
  }

  /** Null when flags and settings cannot be, which is for the command to tell. */
  private tryResolve(): Settings | null {
    try {
      return resolveSettings(this.given ?? {}, this.environment)
    } catch {
      return null
    }
  }

  /** Where a command that talks to a server was to go; null when it never came so far. */
  private get destination(): Settings | null {
    return this.given && 'server' in this.ctor.flags ? this.tryResolve() : null
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await closeState()
    await super.finally(error)
  }

  /** Every failure ends here: one message, one exit code, and under `--json` one document. */
  protected override async catch(thrown: Error): Promise<void> {
    const { destination } = this
    const flags = Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags })
    const error = withDestination(toWsctlError(thrown, this.typed, flags), destination)
    process.exitCode = exitCodeOf(error.outcome)
    const result =
      this.failureDocument === 'result' ? errorResult(this.typed, error, destination?.server ?? null) : null
    if (this.json) {
      process.stdout.write(`${JSON.stringify(result ?? errorDocument(this.typed, error), null, 2)}\n`)
    }
    // Not by way of `.env`, which may be what could not be read.
    const layout = openScreen(this.argv.includes('--no-color'), process.env).err
    const isAnnotated = pipelineOf(process.env) === 'github'
    await reportError(error, layout, isAnnotated ? await annotatedFailure(this.typed, error) : undefined)
    await (result ? tellPipeline(process.env, result, error.suggestions) : tellFailure(process.env, error))
  }
}

/** The same error, its suggestions such that they reach the server that it was about. */
function withDestination(error: WsctlError, destination: Settings | null): WsctlError {
  if (destination === null) return error
  const { code, message, outcome, cause } = error
  const suggestions = error.suggestions.map((suggestion) => addressed(suggestion, destination))
  return Object.assign(new WsctlError(code, message, { outcome, suggestions, cause }), { stack: error.stack })
}
