import { CommandError, searchPath } from '@joinery/host/exec'
import type { KubeletFacts } from '@joinery/protocol'
import type { Host } from '../../../host/host.ts'
import { minorOf } from '../../../host/versions.ts'
import { type Finding, fail, type PreflightCheck, pass, skipped } from '../check/check.ts'

/** Minor version from which on UserNamespacesSupport is on by default. From the second one on it cannot be switched off. */
const firstByDefault = 33
const firstLocked = 36

/** Size of the blocks in which ids are given out. */
const block = 65_536
const defaultPods = 110

/**
 * Checks the ids that the kubelet gives to Pods with a user namespace (hostUsers: false), by its userns_manager.go.
 * Without a user `kubelet` these are all ids from 65536 on. With that user, and with getsubids, they are only what
 * getsubids prints. A kubelet that cannot use those does not start.
 */
export const userNamespaces = (kubelet: KubeletFacts | undefined): PreflightCheck => ({
  name: 'user-namespaces',
  why: 'a kubelet that finds a user kubelet takes the ids of Pods from its range of subordinate ids, and does not start with one that is too small or not aligned',
  async run(host) {
    const minor = minorOf(await host.version('kubelet').catch(() => '')) ?? firstLocked
    const isOn = minor >= firstLocked || (kubelet?.userNamespaces ?? minor >= firstByDefault)
    if (!isOn) return skipped('the kubelet does not use user namespaces')
    if (!/^kubelet:/m.test((await host.read('/etc/passwd')) ?? '')) {
      return pass('there is no user kubelet: Pods with a user namespace get ids from 65536 on')
    }
    const there = await Promise.all(searchPath.map(async (folder) => (await host.list(folder)).includes('getsubids')))
    if (!there.includes(true)) {
      return pass('getsubids is not installed: Pods with a user namespace get ids from 65536 on')
    }
    return byRange(host, kubelet)
  }
})

const byRange = async (host: Host, { idsPerPod = block, maxPods = defaultPods }: KubeletFacts = {}) => {
  const needed = idsPerPod * maxPods
  const wrong = (problem: string): Finding =>
    fail(
      `the user kubelet ${problem}`,
      `# give it one line in /etc/subuid, and the same in /etc/subgid, as kubelet:${block}:${needed}`,
      '# or remove the user, if nothing needs it'
    )
  const [users, groups] = await Promise.all([
    printed(host, ['getsubids', 'kubelet']),
    printed(host, ['getsubids', '-g', 'kubelet'])
  ])
  if (users === undefined || groups === undefined) return wrong('has no subordinate ids')
  if (users !== groups) return wrong('has other subordinate user ids than group ids')
  const [, first, count] = /^\S+ \S+ (\d+) (\d+)\n?$/.exec(users)?.map(Number) ?? []
  if (first === undefined || count === undefined) return wrong('has several ranges of subordinate ids, not one')
  if (first < block || first % block !== 0) return wrong(`has ids from ${first} on, which is no multiple of ${block}`)
  if (count % block !== 0) return wrong(`has ${count} ids, which is no multiple of ${block}`)
  if (count < needed) return wrong(`has ${count} ids, and ${maxPods} Pods need ${needed}`)
  return pass(`the user kubelet has the ${count} ids from ${first} on for Pods with a user namespace`)
}

const printed = (host: Host, command: readonly string[]): Promise<string | undefined> =>
  host.exec(command).catch((error) => {
    if (error instanceof CommandError) return undefined
    throw error
  })
