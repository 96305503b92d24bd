import { basename, relative } from 'node:path'
import { quote } from './address.js'
import type { Variables } from './environment.js'

/**
 * How this program is called from where it was called: by its name where that is on the PATH, by way of npx, or
 * by its path in a clone.
 *
 * @param entry path of the script that Node runs
 */
export function invocation(entry: string, folder: string, environment: Variables): string {
  if (environment['npm_command'] === 'exec') return 'npx wsctl'
  if (basename(entry) !== 'run.js') return 'wsctl'
  const path = quote(relative(folder, entry))
  return path.includes('/') ? path : `node ${path}`
}
