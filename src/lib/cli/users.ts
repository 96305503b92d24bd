import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import type { UserAnswer } from '../contract/admin-api.js'

/** Users asked for at the same time. */
const PARALLEL = 4

/** The assignments of users, in the order asked for. */
export async function readUsers(api: AxiosAdminApi, ids: readonly string[]): Promise<readonly UserAnswer[]> {
  const answers: UserAnswer[] = []
  for (let first = 0; first < ids.length; first += PARALLEL) {
    answers.push(...(await Promise.all(ids.slice(first, first + PARALLEL).map((id) => api.user(id)))))
  }
  return answers
}
