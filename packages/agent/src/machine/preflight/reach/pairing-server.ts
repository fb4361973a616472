import { fail, type PreflightCheck, skipped } from '../check/check.ts'
import { dial, parseEndpoint } from './endpoints.ts'
import { reachable } from './reachable.ts'

/** Checks a TCP connection to the pairing server. `url` is as in agent.yaml. */
export const pairingServer = (url: string | undefined): PreflightCheck => ({
  name: 'pairing-server',
  why: 'this machine asks there whether it may join, and gets its credential there',
  async run(host) {
    if (url === undefined) return skipped('no pairing server was given')
    const { host: authority = '' } = URL.parse(url) ?? {}
    // a URL has no port if the port is the one of its scheme
    const endpoint = parseEndpoint(authority) ?? parseEndpoint(`${authority}:443`)
    if (!url.startsWith('https://') || endpoint === undefined) {
      return fail(
        `the pairing server ${JSON.stringify(url)} is no https:// address`,
        '# correct it in /etc/joinery/agent.yaml'
      )
    }
    return reachable(await dial(host, endpoint), 'joinery-server')
  }
})
