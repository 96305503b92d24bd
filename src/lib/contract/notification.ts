/** Who is told of a run, and where: as it is typed in files, and as `--notify` says it in one word. */
import * as z from 'zod'
import { usageError } from '../core/error.js'
import { NOTICE_EVENTS, type Contacts } from '../core/notice.js'
import { fileDuration } from './file-values.js'

const MINUTE_MS = 60_000
const DEFAULT_TIMEOUT_MS = 10_000

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

function text(what: string, longest = 2000) {
  const error = `expected ${what}`
  return z.string({ error }).trim().min(1, { error }).max(longest, { error })
}

const variable = z
  .string({ error: 'expected the name of a variable' })
  .regex(VARIABLE, { error: 'expected the name of a variable, such as SLACK_WEBHOOK, not its value' })
const path = text('the path of a file')

const url = text('a URL that starts with http:// or https://').refine(isWebUrl, {
  error: 'expected a URL that starts with http:// or https://',
})

/** Whether text is a URL that something can be posted to. */
export function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

const events = z
  .array(z.enum(NOTICE_EVENTS, { error: `expected one of ${NOTICE_EVENTS.join(', ')}` }))
  .min(1, { error: 'expected at least one event; leave the key out for all of them' })
  .readonly()

const common = {
  on: events.optional().describe('which events; all of them when left out'),
  timeout: fileDuration({ bareNumber: 'refused', longestMs: MINUTE_MS })
    .default(DEFAULT_TIMEOUT_MS)
    .describe('for one attempt'),
}

const secretUrl = {
  'url-env': variable.optional().describe('variable that holds the URL'),
  'url-file': path.optional().describe('file that holds the URL'),
}

/** Refuses all but exactly one of these keys. */
function exactlyOne(...keys: readonly string[]) {
  return (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const given = keys.filter((key) => value[key] !== undefined)
    if (given.length === 1) return
    const [extra] = given.slice(1)
    const all = keys.join(', ')
    const message = extra ? `expected exactly one of ${all}, not ${given.join(' and ')}` : `expected one of ${all}`
    context.addIssue({ code: 'custom', path: extra ? [extra] : [], message })
  }
}

const webhookSchema = z
  .strictObject({
    type: z.literal('webhook'),
    url: url.optional(),
    ...secretUrl,
    'secret-env': variable.optional().describe('variable that holds the secret to sign with'),
    'secret-file': path.optional().describe('file that holds the secret to sign with'),
    ...common,
  })
  .superRefine(exactlyOne('url', 'url-env', 'url-file'))
  .superRefine((value, context) => {
    if (value['secret-env'] === undefined || value['secret-file'] === undefined) return
    context.addIssue({ code: 'custom', path: ['secret-file'], message: 'expected one of secret-env, secret-file' })
  })

/** The URL is all that it takes to post there, so it is never typed into a file or onto a command line. */
function chatSchema<T extends 'slack' | 'teams'>(type: T) {
  return z
    .strictObject({ type: z.literal(type), ...secretUrl, ...common })
    .superRefine(exactlyOne('url-env', 'url-file'))
}

const commandSchema = z.strictObject({
  type: z.literal('command'),
  command: text('a command of the shell'),
  ...common,
})

const NOTIFICATION_TYPES = ['webhook', 'slack', 'teams', 'command'] as const

/** One place that messages go to. */
const notificationSchema = z.discriminatedUnion(
  'type',
  [webhookSchema, chatSchema('slack'), chatSchema('teams'), commandSchema],
  { error: `expected a type: ${NOTIFICATION_TYPES.join(', ')}` },
)
export type Notification = z.output<typeof notificationSchema>

/** `notifications` of plan files and contexts. */
export const notificationsSchema = z
  .array(notificationSchema, { error: 'expected a list' })
  .max(20, { error: 'expected at most 20 notifications' })
  .readonly()

const contact = text('a name, and how to reach whoever it is', 200).exactOptional()

/** `contacts` of plan files and contexts. */
export const contactsSchema = z
  .strictObject({
    'system-administrator': contact.describe('for the infrastructure'),
    'development-team-lead': contact.describe('for the application'),
    'database-administrator': contact.describe('for the database'),
    'network-administrator': contact.describe('for the network'),
  })
  .readonly() satisfies z.ZodType<Contacts>
export type { Contacts }

const FORM = 'TYPE=WHERE, such as slack=env:SLACK_WEBHOOK'

/** The variable that signs the webhooks of `--notify`, where it is set. */
const FLAG_SECRET = 'WSCTL_NOTIFY_SECRET'

/**
 * One value of `--notify`: `webhook=URL`, `command=COMMAND`, and for a URL that is not to show
 * `TYPE=env:NAME` or `TYPE=file:PATH`.
 *
 * @param isSet whether a variable of the environment is
 * @throws WsctlError (usage) that shows nothing which could be a secret
 */
export function parseNotifyFlag(value: string, isSet: (variable: string) => boolean): Notification {
  const [, type = '', where = ''] = /^([^=]*)=?([^]*)$/.exec(value) ?? []
  const shown = `--notify ${NOTIFICATION_TYPES.some((known) => known === type) ? `${type}=…` : '…'}`
  const [, source, name = ''] = /^(env|file):([^]*)$/.exec(where) ?? []
  const place =
    type === 'command' ? { command: where } : source === undefined ? { url: where } : { [`url-${source}`]: name }
  if ('url' in place && (type === 'slack' || type === 'teams')) {
    throw usageError(
      `${shown}: whoever knows the URL can post there, and it would show in the list of processes`,
      `put it into a variable or a file: --notify ${type}=env:NAME, --notify ${type}=file:PATH`,
    )
  }
  const secret = type === 'webhook' && isSet(FLAG_SECRET) ? { 'secret-env': FLAG_SECRET } : {}
  const parsed = notificationSchema.safeParse({ type, ...place, ...secret })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw usageError(`${shown}: ${issue?.message ?? 'it does not fit'}`, `give it as ${FORM}`)
}

const SETUP_SCHEMA = 'wsctl/notify@1'

/** Who is told of one run: kept beside its journal, for a process that takes it up. */
export interface NoticeSetup {
  /** Where commands run and relative paths begin. */
  readonly folder: string
  /** Number of the last event that happened before anybody was to be told. */
  readonly after: number
  readonly notifications: readonly Notification[]
  readonly contacts: Contacts
}

const noticeSetupSchema = z
  .object({
    schema: z.literal(SETUP_SCHEMA),
    folder: z.string(),
    after: z.int().nonnegative(),
    notifications: notificationsSchema,
    contacts: contactsSchema,
  })
  .transform(({ folder, after, notifications, contacts }): NoticeSetup => ({ folder, after, notifications, contacts }))

/** In the words of a file, in which a bare number would be no duration. */
export function encodeNoticeSetup(setup: NoticeSetup): string {
  const notifications = setup.notifications.map((each) => ({ ...each, timeout: `${each.timeout}ms` }))
  return `${JSON.stringify({ schema: SETUP_SCHEMA, ...setup, notifications }, null, 2)}\n`
}

/** What was kept; null when that is nothing, or cannot be read. */
export function decodeNoticeSetup(text: string | null): NoticeSetup | null {
  try {
    return noticeSetupSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return null
  }
}
