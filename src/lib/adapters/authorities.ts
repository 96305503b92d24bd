import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { usageError, type WsctlError } from '../core/error.js'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates of authorities that a file holds.
 *
 * @returns PEM, for the TLS library
 * @throws WsctlError (usage) when the file cannot be read or holds none
 */
export async function readAuthorities(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw complaint(path, code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`)
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw complaint(path, 'holds no certificate in PEM format')
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate)
    } catch {
      throw complaint(path, `is damaged: certificate ${index + 1} of ${certificates.length} cannot be read`)
    }
  }
  return certificates.join('\n')
}

function complaint(path: string, what: string): WsctlError {
  return usageError(
    `the file of certificates ${path} ${what}`,
    'name a PEM file, with lines of BEGIN CERTIFICATE, of the authority that issued the certificate of the server: --ca-file FILE (or WSCTL_CA_FILE)',
  )
}
