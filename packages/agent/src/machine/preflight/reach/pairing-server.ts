import type { Host } from '../../../host/host.ts'
import { type Finding, fail, type PreflightCheck, skipped, warn, worst } from '../check/check.ts'
import { dial, parseEndpoint } from './endpoints.ts'
import { reachable } from './reachable.ts'

/**
 * Checks a TCP connection to the pairing server. `url` is as in agent.yaml. Of several servers one is enough, and those that do not
 * answer are a warning.
 */
export const pairingServer = (url: string | undefined, further: readonly string[] = []): PreflightCheck => ({
  name: 'pairing-server',
  why: 'this machine asks there whether it may join, and gets its credential there',
  async run(host) {
    if (url === undefined) return skipped('no pairing server was given')
    const found = await Promise.all([url, ...further].map((one) => dialServer(host, one)))
    const failing = found.filter(({ verdict }) => verdict === 'fail')
    if (failing.length === 0 || failing.length === found.length) return worst(found)
    const answer = found.filter(({ verdict }) => verdict !== 'fail').map(({ finding }) => finding)
    const { finding, remedy = [] } = worst(failing)
    return warn(`${answer.join('; ')}; but ${finding}`, ...remedy)
  }
})

const dialServer = async (host: Host, url: string): Promise<Finding> => {
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
