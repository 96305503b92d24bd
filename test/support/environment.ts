import type { Environment, NamedContext, Variables } from '../../src/lib/cli/environment.js'

/** What surrounds wsctl in a test: these variables, and beneath them this context. */
export function surroundings(variables: Variables = {}, context: NamedContext | null = null): Environment {
  return { variables, dotenv: new Set(), context }
}
