import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLAIM_SCHEMA, claimSchema } from '../contract/claim.js'
import type { Claim, Claimant, Takeover } from '../core/claim.js'
import { findProcess, processPlace } from './os-process.js'

const SUFFIX = '.json'

/** The claims in a folder, one small file a run. */
export class ClaimFiles {
  constructor(private readonly folder: string) {}

  /** All of them, oldest run first. What is no claim, or may not be read, is passed over. */
  async list(): Promise<readonly Claim[]> {
    const names = await readdir(this.folder).catch(() => [])
    const ids = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length))
    const claims = await Promise.all(ids.sort().map((id) => this.read(id).catch(() => null)))
    return claims.filter((claim) => claim !== null)
  }

  /** Null when the run has none. */
  async read(id: string): Promise<Claim | null> {
    try {
      return claimSchema.safeParse(parseJson(await readFile(this.pathOf(id), 'utf8'))).data ?? null
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
  }

  /** Replaces the claim of its run, in whole or not at all. */
  async write(claim: Claim): Promise<void> {
    const path = this.pathOf(claim.rolloutId)
    const draft = `${path}.${claim.token}`
    await writeFile(draft, `${JSON.stringify(claim, null, 2)}\n`, { mode: 0o600, flush: true })
    await rename(draft, path)
  }

  async remove({ rolloutId }: Claim): Promise<void> {
    await rm(this.pathOf(rolloutId), { force: true })
  }

  private pathOf(id: string): string {
    return join(this.folder, id + SUFFIX)
  }
}

/** A claim of this process. */
export async function newClaim(run: Claimant, exclusive: boolean, takeover: Takeover | null = null): Promise<Claim> {
  const { rolloutId, command, server, servers, operator, since } = run
  return {
    ...{ schema: CLAIM_SCHEMA, rolloutId, command, server, operator, since, exclusive },
    ...(servers && { servers }),
    place: await processPlace(),
    pid: process.pid,
    processStart: (await findProcess(process.pid))?.start ?? null,
    token: randomUUID(),
    left: false,
    takeover,
  }
}

/** The servers of a claim by their addresses. */
export function serversOf({ server, servers = [server] }: Pick<Claim, 'server' | 'servers'>): readonly string[] {
  return servers
}

/** Whether a claim is about a server, or about a fleet by its name. */
export function isClaimOn(claim: Pick<Claim, 'server' | 'servers'>, server: string): boolean {
  return [claim.server, ...serversOf(claim)].some((one) => isSameServer(one, server))
}

/** The servers that two claims share. */
export function sharedServers(claim: Pick<Claim, 'server' | 'servers'>, servers: readonly string[]): readonly string[] {
  const own = new Set(serversOf(claim).map(addressOf))
  return servers.filter((server) => own.has(addressOf(server)))
}

export function isSameServer(a: string, b: string): boolean {
  return addressOf(a) === addressOf(b)
}

/** A file name that people recognise and that no two servers share. */
export function fileNameOf(server: string): string {
  const address = addressOf(server)
  const name = address.replace(/^https?:\/\//, '').replaceAll(/[^a-zA-Z0-9.-]+/g, '_')
  return `${name.slice(0, 60)}-${createHash('sha256').update(address).digest('hex').slice(0, 8)}`
}

/** The address as far as it tells one server from another. */
function addressOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : null
  if (url === null) return server
  if (isLoopback(url.hostname)) url.hostname = 'localhost'
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

/** This very machine, however it is written. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
