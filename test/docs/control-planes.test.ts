import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { runWith } from '../../packages/cli/test/support/operators.ts'
import { clusterKeys, enrolled } from '../journeys/control-planes.ts'
import { approve, openPairing, type Pairing } from '../journeys/pairing.ts'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './shell.ts'

const page = readFileSync(join(root, 'docs/how-to/control-planes.md'), 'utf8')

/** As root on a control-plane host that answers yes. */
const run = async (t: Test, pairing: Pairing, block: string, pki?: string) => {
  for (const command of readmeCommands(page, block)) {
    const [words = ''] = command.split(' > ')
    const argv = words
      .replace(/^sudo /, '')
      .split(' ')
      .slice(1)
    const terminal = { ask: async () => 'y', ...(pki !== undefined && { pki }) }
    const { exitCode, err } = await runWith(['--socket', pairing.config.operators.socket, ...argv], terminal)
    t.equal(exitCode, 0, `${command}\n${err}`)
  }
}
const controlPlaneHost = (t: Test): string => {
  const pki = t.testdir({})
  for (const [file, text] of Object.entries(clusterKeys)) {
    mkdirSync(dirname(join(pki, file)), { recursive: true })
    writeFileSync(join(pki, file), text)
  }
  return pki
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
  const pki = controlPlaneHost(t)
  await run(t, pairing, 'approve', pki)
  await run(t, pairing, 'grant', pki)
  for (const { name } of controlPlanes) t.ok((await pairing.operator.show(name)).granted, name)
})
