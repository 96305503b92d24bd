import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { median } from './figures.js'

/** A process that is timed. */
export interface Contender {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** From start to end of a process of Node, ms. */
async function timeOf({ argv, environment }: Contender): Promise<number> {
  const start = process.hrtime.bigint()
  const child = spawn(process.execPath, argv, { env: environment, stdio: 'ignore' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`node ${argv.join(' ')} ended with ${code ?? 'a signal'}`)
  return Number(process.hrtime.bigint() - start) / 1e6
}

/**
 * Times contenders in turn, again and again, so that all of them meet the same load of the machine.
 *
 * @param rounds after one that is not counted, in which caches are made
 * @returns the median of each, ms
 */
export async function timeInTurn<K extends string>(
  contenders: Readonly<Record<K, Contender>>,
  rounds: number,
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(contenders) as K[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const time = await timeOf(contenders[name])
      if (round > 0) times[name].push(time)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<K, number>
}
