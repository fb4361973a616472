import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Terminal } from '@joinery/cli/testing/terminal'
import { shortFingerprint } from '@joinery/protocol'
import { controlPlaneHost as hostOf, pkiOf } from '@joinery/testing/command/control-plane-host'
import { runWith } from '@joinery/testing/command/operators'
import { clusterKeys, enrolled, joinedControlPlane } from '@joinery/testing/pairing/control-planes'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approve } from '@joinery/testing/pairing/steps'
import t, { type Test } from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const page = readFileSync(join(root, 'docs/how-to/control-planes.md'), 'utf8')

/** As root on a control-plane host that types what is asked for: a key as the machine's console shows it, a name, or yes. */
const run = async (t: Test, pairing: Pairing, block: string, host: Partial<Terminal> = {}) => {
  const ask = async (question: string) => {
    const console = /^Type the key that the console of (\S+) shows/.exec(question)?.[1]
    if (console === undefined) return /^Type (\S+) to/.exec(question)?.[1] ?? 'y'
    const { items } = await pairing.operator.list()
    return shortFingerprint(items.findLast(({ name }) => name === console)?.key ?? '')
  }
  for (const command of readmeCommands(page, block)) {
    const [words = ''] = command.split(' > ')
    const argv = words
      .replace(/^sudo /, '')
      .split(' ')
      .slice(1)
    const terminal = { ...host, ask }
    const { exitCode, err } = await runWith(['--socket', pairing.config.operators.socket, ...argv], terminal)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
}
t.test("the page's commands invite control planes", async (t) => {
  const folder = t.testdir({ 'agent.deb': 'a package' })
  const pairing = await openPairing(t, { agentPackage: join(folder, 'agent.deb') })
  await run(t, pairing, 'invite')
  const { items } = await pairing.operator.listCodes()
  t.same(
    items.map(({ name, role }) => [name, role]),
    [
      ['cp-2', 'control-plane'],
      ['cp-3', 'control-plane']
    ]
  )
})

t.test("the page's commands approve and grant", async (t) => {
  const pairing = await openPairing(t)
  const controlPlanes = [await enrolled(pairing, 'cp-2'), await enrolled(pairing, 'cp-3')]
  await approve(pairing, 'cp-3')
  const pki = pkiOf(t, clusterKeys)
  await run(t, pairing, 'approve', { pki })
  await run(t, pairing, 'grant', { pki })
  for (const { name } of controlPlanes) t.ok((await pairing.operator.show(name)).granted, name)
})

t.test("the page's commands remove a control plane, and rebuild one", async (t) => {
  const pairing = await openPairing(t)
  await joinedControlPlane(pairing, 'cp-2')
  const { etcd, terminal } = await hostOf(t, { deleteNode: (name) => pairing.cluster.deleteNodeAsAdmin(name) })
  await run(t, pairing, 'remove', terminal)
  t.match(await pairing.operator.show('cp-2'), { state: 'removed' })
  await joinedControlPlane(pairing, 'cp-3')
  await enrolled(pairing, 'cp-3')
  await run(t, pairing, 'replace', terminal)
  t.same(
    etcd.members.map(({ name }) => name),
    ['cp-1']
  )
  const { items } = await pairing.operator.list()
  t.same(
    items.map(({ name, state }) => `${name} ${state}`),
    ['cp-2 removed', 'cp-3 removed', 'cp-3 approved']
  )
})
