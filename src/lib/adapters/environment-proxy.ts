import { BlockList, isIP, isIPv6 } from 'node:net'
import { unescape } from 'node:querystring'
import { usageError } from '../core/error.js'
import { isLoopback } from './server-address.js'

/**
 * The proxy through which the environment wants a URL to be reached; null for none. Read as curl reads
 * it: `https_proxy` or `http_proxy` by the URL's scheme, else `all_proxy`; lower case before upper case;
 * a proxy without a scheme speaks http. This very machine is never reached through a proxy.
 *
 * @throws WsctlError (usage) for a proxy that is no http or https URL; its value, which may hold a
 *   password, is not shown
 */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | null {
  const read = (name: string): string =>
    [environment[name], environment[name.toUpperCase()]].find((value) => value !== undefined && value !== '') ?? ''
  const name = [`${url.protocol.slice(0, -1)}_proxy`, 'all_proxy'].find((each) => read(each) !== '')
  if (name === undefined || isLoopback(url) || isExempt(url, read('no_proxy'))) return null
  const value = read(name)
  const text = value.includes('://') ? value : `http://${value}`
  const proxy = URL.canParse(text) ? new URL(text) : null
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy
  throw usageError(
    `the proxy that ${name.toUpperCase()} names is not the URL of an http proxy`,
    `give it as http://HOST:PORT, or go around it: NO_PROXY=${url.hostname}`,
  )
}

/** User and password of a proxy, decoded; null when its URL holds none. */
export function credentialsOf({ username, password }: URL): { username: string; password: string } | null {
  return username === '' ? null : { username: unescape(username), password: unescape(password) }
}

/** Whether `NO_PROXY` names the URL's host: by name, by a domain above it, by address or by subnet. */
function isExempt(url: URL, list: string): boolean {
  const host = withoutBrackets(url.hostname)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      // An address of version 6 without brackets cannot be followed by a port.
      const [, name = entry, onlyPort = port] = isIPv6(entry) ? [] : (/^(.+?)(?::(\d+))?$/.exec(entry) ?? [])
      return onlyPort === port && (name === '*' || matches(host, withoutBrackets(name)))
    })
}

function matches(host: string, name: string): boolean {
  const [, network, bits] = /^([^/]+)\/(\d+)$/.exec(name) ?? []
  if (network !== undefined) return isWithin(host, network, Number(bits))
  const domain = name.replace(/^\*?\./, '')
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`))
}

function isWithin(host: string, network: string, bits: number): boolean {
  const family = isIPv6(network) ? 'ipv6' : 'ipv4'
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || bits > (family === 'ipv6' ? 128 : 32)) return false
  const subnet = new BlockList()
  subnet.addSubnet(network, bits, family)
  return subnet.check(host, family)
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}
