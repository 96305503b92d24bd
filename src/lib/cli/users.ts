import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import type { Pace } from '../adapters/pace.js'
import type { UserAnswer } from '../contract/admin-api.js'
import { askPatiently, type Ask } from './ask.js'

/** Users asked for at the same time. */
const PARALLEL = 4

/** The assignments of users, in the order asked for, at the pace that the server takes. */
export async function readUsers(
  api: Pick<AxiosAdminApi, 'user'>,
  ids: readonly string[],
  pace: Pick<Pace, 'turn'>,
  ask: Ask = askPatiently,
): Promise<readonly UserAnswer[]> {
  const read = (id: string): Promise<UserAnswer> =>
    ask(async () => {
      await pace.turn()
      return api.user(id)
    })
  const answers: UserAnswer[] = []
  for (let first = 0; first < ids.length; first += PARALLEL) {
    answers.push(...(await Promise.all(ids.slice(first, first + PARALLEL).map(read))))
  }
  return answers
}
