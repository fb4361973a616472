import { CommandError } from '@joinery/host/exec'
import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { type PreflightCheck, pass, skipped, warn } from '../check/check.ts'
import { isName } from './hostname.ts'

/** Time from which on a lookup is worth a word, in milliseconds. */
const slow = 1_000
/** Time after which a lookup is given up, in milliseconds. */
const timeout = 2_000

/**
 * Checks how long this machine takes to look up its own name. The check `hostname` looks at the result. `nodeName` is
 * the name of the Node, if that is not the host name.
 */
export const nameLookup = (nodeName: string | undefined): PreflightCheck => ({
  name: 'name-lookup',
  why: "kubeadm's preflight looks up the machine's own name, and so does the kubelet each time it first looks at its Node: each of them waits for the answer, and that makes the join longer",
  async run(host) {
    const name = nodeName ?? ((await host.read(paths.hostname)) ?? '').trim()
    if (!isName(name)) return skipped('the machine has no name that a Node may have')
    const first = await lookup(host, 'ahosts', name)
    if (first === undefined) return skipped('there is no command getent')
    // a machine that is busy starts any program late: the quicker of two lookups counts. In one look no command is
    // run twice
    const again = first < slow ? first : ((await lookup(host, 'hosts', name)) ?? first)
    if (Math.min(first, again) < slow) return pass(`the name ${name} is looked up within a second`)
    return warn(
      `looking up the name ${name} takes longer than a second`,
      `echo '127.0.1.1 ${name}' >> ${paths.hosts}`,
      '# or, if systemd-resolved asks the neighbours for it: LLMNR=no in /etc/systemd/resolved.conf, and restart systemd-resolved'
    )
  }
})

/**
 * Milliseconds until the system's own resolver has an answer, or gives up. Undefined without the program. It is no
 * lookup of Node's, because that cannot be ended.
 */
const lookup = async (host: Host, database: 'ahosts' | 'hosts', name: string): Promise<number | undefined> => {
  const began = host.monotonic()
  try {
    await host.exec(['getent', database, name], { timeout })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (error.code === 'ENOENT') return undefined
    // exit status 2: no name was found, and that is an answer too
  }
  return host.monotonic() - began
}
