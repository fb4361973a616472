import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@joinery/testing/clocks/eventually'
import { shortSleep } from '@joinery/testing/clocks/short-sleep'
import { runWith } from '@joinery/testing/command/operators'
import { atPresent, kubernetesFront } from '@joinery/testing/front/kubernetes-front'
import { openDoorPairing } from '@joinery/testing/pairing/kubernetes-door'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { readmeCommands } from '../readme-commands.ts'
import { root } from './pages.ts'

const commands = readmeCommands(readFileSync(join(root, 'docs/how-to/kubernetes.md'), 'utf8'), 'laptop')

t.test('the commands of the page work over a cluster, one after the other', async (t) => {
  const folder = t.testdir({ 'agent.deb': 'a package' })
  const pairing = await openDoorPairing(t, atPresent, { config: { agentPackage: join(folder, 'agent.deb') } })
  const front = await kubernetesFront(t, pairing.cluster)
  await enrolled(pairing, 'worker-1')
  const { views } = pairing.cluster
  await eventually(
    'the view',
    async () => views.statuses('enrolments').size === 1 && views.statuses('installations').size === 1
  )
  front.template('edge', { role: 'worker' })
  const kubeconfig = join(folder, 'admin.conf')
  writeFileSync(kubeconfig, readFileSync(await front.kubeconfig(), 'utf8').replace(/\bcontext$/gm, 'prod'))
  t.ok(commands.length > 6)
  for (const command of commands) {
    const [line = ''] = command.replace(/^kubectl /, '').split(' > ')
    const words = line.replace('admin.conf', kubeconfig).split(' ').slice(1)
    const { exitCode, out, err } = await runWith(words, {
      kubeconfig,
      pin: pairing.pin,
      now: () => new Date(),
      ask: async () => 'y',
      pause: shortSleep(5)
    })
    t.equal(exitCode, 0, command, { out, err })
  }
  t.equal((await pairing.operator.show('worker-1')).state, 'approved')
})
