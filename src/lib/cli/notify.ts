import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isLoopback } from '../adapters/server-address.js'
import { systemClock } from '../adapters/system-clock.js'
import {
  isWebUrl,
  parseNotifyFlag,
  type Contacts,
  type Notification,
  type NoticeSetup,
} from '../contract/notification.js'
import { noticeDocument } from '../contract/notice.js'
import { environmentWithoutToken } from '../adapters/shell-command.js'
import { usageError, WsctlError } from '../core/error.js'
import type { Notice } from '../core/notice.js'
import type { NoticeTarget } from '../ports/notices.js'
import type { Environment } from './environment.js'
import type { Settings } from './settings.js'

/** Who is told of a run, and the way to them. */
export interface Notices {
  readonly setup: NoticeSetup
  readonly targets: readonly NoticeTarget[]
}

/** What files say, such as plan files and contexts. */
export interface WrittenNotices {
  readonly notifications?: readonly Notification[] | undefined
  readonly contacts?: Contacts | undefined
}

/**
 * Who is to be told: `--notify` takes the place of what files say, and a plan file that of the context; null for nobody.
 *
 * @param after number of the last event of the run that happened before; 0 when it is about to begin
 * @throws WsctlError (usage)
 */
export function noticeSetup(
  flags: { readonly notify?: readonly string[] | undefined },
  environment: Environment,
  written: WrittenNotices = {},
  after = 0,
): NoticeSetup | null {
  const { notifications = [], contacts = {} } = { ...environment.context?.settings, ...written }
  const isSet = (variable: string): boolean => (environment.variables[variable] ?? '').trim() !== ''
  const chosen = flags.notify?.map((value) => parseNotifyFlag(value, isSet)) ?? notifications
  return chosen.length === 0 ? null : { folder: process.cwd(), after, notifications: chosen, contacts }
}

/**
 * Finds the secrets and makes the targets.
 *
 * @param onRefused told of a target that cannot be, which is left out then; without it, that is thrown
 * @throws WsctlError (usage) that names the variable or file, never what it holds
 */
export async function openNotices(
  setup: NoticeSetup,
  environment: Environment,
  settings: Pick<Settings, 'token'> | null,
  onRefused?: (error: WsctlError) => void,
): Promise<Notices> {
  const targets: NoticeTarget[] = []
  for (const notification of setup.notifications) {
    try {
      const target = await openTarget(notification, setup.folder, environment, settings)
      if (targets.some(({ id }) => id === target.id)) {
        throw usageError(`two notifications go to the same ${target.name}`, 'name it once; "on" says for which events')
      }
      targets.push(target)
    } catch (error) {
      if (!(error instanceof WsctlError) || onRefused === undefined) throw error
      onRefused(error)
    }
  }
  return { setup, targets }
}

async function openTarget(
  notification: Notification,
  folder: string,
  environment: Environment,
  settings: Pick<Settings, 'token'> | null,
): Promise<NoticeTarget> {
  const { type, on, timeout: timeoutMs } = notification
  const wants = (event: Notice['event']): boolean => event === 'test' || on === undefined || on.includes(event)
  if (type === 'command') {
    const { CommandTarget } = await import('../adapters/command-notice.js')
    const { command } = notification
    return new CommandTarget({
      command,
      folder,
      timeoutMs,
      wants,
      environment: environmentWithoutToken(settings?.token?.value?.trim()),
    })
  }
  const { PostTarget } = await import('../adapters/post-notice.js')
  const secrets = { folder, environment, type, placeOf: placesOf(notification, environment) }
  const url = toUrl(type, await readUrl(notification, secrets))
  const common = { type, url, timeoutMs, wants, clock: systemClock }
  switch (type) {
    case 'webhook': {
      const source = { variable: notification['secret-env'], file: notification['secret-file'] }
      return new PostTarget({ ...common, secret: await readSecret('secret', source, secrets), payload: noticeDocument })
    }
    case 'slack': {
      const { slackPayload } = await import('../render/slack-notice.js')
      return new PostTarget({ ...common, secret: null, payload: slackPayload })
    }
    case 'teams': {
      const { teamsPayload } = await import('../render/teams-notice.js')
      return new PostTarget({ ...common, secret: null, payload: teamsPayload })
    }
  }
}

interface Whereabouts {
  readonly folder: string
  readonly environment: Environment
  readonly type: Notification['type']
  /** Where a key of it stands, with a colon behind; empty where it stands in no file of contexts. */
  readonly placeOf: (key: string) => string
}

function placesOf(notification: Notification, { context }: Environment): Whereabouts['placeOf'] {
  const index = context?.settings.notifications?.indexOf(notification) ?? -1
  return (key) => (context === null || index === -1 ? '' : `${context.placeOf(['notifications', index, key])}: `)
}

type PostNotification = Exclude<Notification, { readonly type: 'command' }>

async function readUrl(notification: PostNotification, where: Whereabouts): Promise<string> {
  const literal = notification.type === 'webhook' ? notification.url : undefined
  const source = { variable: notification['url-env'], file: notification['url-file'] }
  return literal ?? (await readSecret('URL', source, where)) ?? ''
}

/** What a variable or a file holds; null when neither is named. */
async function readSecret(
  what: 'URL' | 'secret',
  source: { readonly variable?: string | undefined; readonly file?: string | undefined },
  { folder, environment, type, placeOf }: Whereabouts,
): Promise<string | null> {
  const { variable, file } = source
  const keyOf = (kind: string): string => `${what.toLowerCase()}-${kind}`
  if (variable !== undefined) {
    const value = (environment.variables[variable] ?? '').trim()
    if (value !== '') return value
    throw usageError(
      `${placeOf(keyOf('env'))}the variable ${variable}, which is to hold the ${what} of a ${type} notification, is not set`,
    )
  }
  if (file === undefined) return null
  const path = resolve(folder, file)
  const value = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw usageError(
      `${placeOf(keyOf('file'))}the file ${path}, which is to hold the ${what} of a ${type} notification, cannot be read (${code})`,
    )
  })
  if (value.trim() !== '') return value.trim()
  throw usageError(
    `${placeOf(keyOf('file'))}the file ${path}, which is to hold the ${what} of a ${type} notification, is empty`,
  )
}

/** The URL of a chat is all that it takes to post there, so it crosses no network in plain text. */
function toUrl(type: PostNotification['type'], text: string): URL {
  if (!isWebUrl(text))
    throw usageError(`the URL of a ${type} notification is none that starts with https:// or http://`)
  const url = new URL(text)
  if (type !== 'webhook' && url.protocol !== 'https:' && !isLoopback(url)) {
    throw usageError(`the URL of a ${type} notification starts with http://, so that anybody on the way could read it`)
  }
  return url
}
