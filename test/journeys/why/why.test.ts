import { eventually } from '@joinery/testing/clocks/eventually'
import { runWith } from '@joinery/testing/command/operators'
import { ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { enrolled } from '@joinery/testing/pairing/steps'
import t from 'tap'
import { claim, pluginWithoutImage, reporting, say, waiting } from './machine-reports.ts'

const name = 'worker-1'
const joinery = ({ config }: Pairing, ...words: string[]) =>
  runWith(words, { socket: config.operators.socket, kubeconfig: 'admin.conf' })
const told = async ({ operator }: Pairing) =>
  (await operator.show(name)).timeline.filter(({ event }) => event === 'cause').map(({ detail }) => detail)

t.test('a machine reports, the cluster shows, and why says the true cause first', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await waiting(pairing, name)
  await pluginWithoutImage(pairing, name)
  const report = reporting(t, pairing, one.machine)
  t.equal((await report({ causes: [claim('cni-missing')] })).status, 200)
  await pairing.diagnose()

  const why = await pairing.operator.why(name)
  t.match(why, { name, ready: false, summary: /cannot be pulled/ })
  t.match(
    why.causes.map(({ code, from }) => `${code} ${from}`),
    ['plugin-image cluster', 'cni-missing cluster', 'cni-missing machine', 'kubelet-says cluster']
  )
  t.match(why.causes[0]?.evidence, [/denied: requested access/])
  t.match(why.machine, /^20/)
  t.equal(why.unseen, undefined)

  const asked = await joinery(pairing, 'why', name)
  t.equal(asked.exitCode, 0)
  t.match(asked.out, /^Node worker-1 has not been Ready for .*cannot be pulled/)
  t.match(asked.out, /\n1\. plugin-image, seen from the cluster, for \S+\n/)
  t.match(asked.out, /\n {5}\| container main: ImagePullBackOff: denied/, "the registry's words are set off")
  t.match(asked.out, /\n {3}kubectl --namespace default describe pod net-\w+\n/)
  t.notMatch(asked.out, 'systemctl restart kubelet', 'a remedy of a machine is for that machine')
  t.match(asked.err, /^Next: kubectl --namespace default describe pod net-\w+\n$/)
  t.match(JSON.parse((await joinery(pairing, 'why', name, '-o', 'json')).out), { causes: [{ code: 'plugin-image' }] })
  t.match((await joinery(pairing, 'why', name, '-o', 'yaml')).out, /^---\nname: worker-1\n/)

  t.match((await joinery(pairing, 'list')).out, /joined, Node not Ready: the image registry.example\/net:1/)
  t.match((await joinery(pairing, 'list', '-o', 'wide')).out, / CAUSE .*\n.* plugin-image /)
  const nodes = await joinery(pairing, 'nodes', '-o', 'wide')
  t.match(nodes.out, / CAUSE .*\n.* plugin-image/)
  t.match(nodes.err, /^Next: joinery why \S+\n$/)
  const shown = await joinery(pairing, 'show', name)
  t.match(shown.out, /Cause: +plugin-image: the image registry.example\/net:1 .*\n/)
  t.equal(shown.err, `Next: joinery why ${name}\n`)
  const view = await eventually('the view has it', async () => {
    const [status] = [...pairing.cluster.views.statuses('enrolments').values()] as { cause?: object }[]
    return status?.cause
  })
  t.match(view, { code: 'plugin-image', text: /^the image/ })
})

t.test('a change of the first cause is in the timeline, and Ready ends it', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await waiting(pairing, name)
  await pairing.diagnose()
  await pluginWithoutImage(pairing, name)
  pairing.clock.advance(30_000)
  await pairing.cluster.renewLease(one)
  await pairing.diagnose()
  t.match(await told(pairing), [/^plugin-missing: the cluster has no network plugin/, /^plugin-image: /])
  t.match(await pairing.operator.show(name), { cause: { code: 'plugin-image' } })
  await pairing.cluster.setNodeReady(name, 'True', 'KubeletReady', '')
  await pairing.reconcile()
  t.equal((await pairing.operator.show(name)).cause, undefined)
  t.match(
    await pairing.operator.why(name),
    { ready: true, causes: [{ code: 'plugin-image' }] },
    'its Pod fails as before'
  )
  t.match(
    (await joinery(pairing, 'why', name)).out,
    /^Node worker-1 is Ready, but the image registry\.example\/net:1 .*\n/
  )
  await pairing.diagnose()
  t.equal((await told(pairing)).length, 2)
})

t.test('a Node that was Ready and is not any more says why', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  const one = await ready(pairing, name)
  await pairing.cluster.renewLease(one)
  await say(pairing, name, '[container runtime is down, PLEG is not healthy]')
  await pairing.diagnose()
  t.match(await pairing.operator.show(name), {
    state: 'ready',
    message: /^ready; its Node is not Ready now: the kubelet says that the container runtime does not answer/,
    cause: { code: 'runtime-off' }
  })
})

t.test('an agent that never reports hides nothing, and why says that it said nothing', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  const why = await pairing.operator.why(name)
  t.match(why, { causes: [{ code: 'plugin-missing' }, { code: 'cni-missing' }, { code: 'kubelet-says' }] })
  t.equal(why.machine, undefined)
  t.match(why.unseen, [/the machine itself has said nothing: its agent is older/])
})

t.test('without diagnosis why says what it sees, and which setting would tell more', async (t) => {
  const pairing = await openPairing(t)
  await waiting(pairing, name)
  const why = await pairing.operator.why(name)
  t.match(
    why.causes.map(({ code }) => code),
    ['cni-missing', 'kubelet-says']
  )
  t.match(why.unseen?.join('\n'), /set diagnosis: on in \/etc\/joinery\/server.yaml, then: joinery-server setup/)
  t.match((await joinery(pairing, 'why', name)).out, /\nNot known:\n {2}- .*diagnosis: on/s)
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('a Node waits for its network plugin in the same words before the first look and after it', async (t) => {
  const sentence = 'joined, waiting for the network plugin'
  for (const [diagnosis, code] of [
    ['off', 'cni-missing'],
    ['on', 'plugin-missing']
  ] as const) {
    const pairing = await openPairing(t, { diagnosis })
    await waiting(pairing, name)
    t.equal((await pairing.operator.show(name)).message, sentence)
    await pairing.diagnose()
    t.match(await pairing.operator.show(name), { message: sentence, cause: { code } })
    await say(pairing, name, 'container runtime network not ready: cni config uninitialized')
    t.match(await pairing.operator.show(name), { message: sentence })
  }
})

t.test('a server that is set to diagnose, and has not the rights, says so in why and in its status', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  const undo = await pairing.cluster.unbindRole({ name: 'joinery-diagnosis' })
  const why = await pairing.operator.why(name)
  t.match(why.unseen?.join('\n'), /DaemonSets could not be read: .*403/)
  t.match(why.causes[0]?.code, 'cni-missing', 'what it may read it reads')
  const status = await pairing.operator.status()
  t.match(status.remedies, [/list resource "daemonsets".*joinery-server setup/])
  t.equal(status.cluster.trouble, undefined, 'that is no outage')
  await undo()
  pairing.clock.advance(10_000)
  t.same((await pairing.operator.status()).remedies, [])
})

t.test('why of a machine without a Node says what the machine waits for', async (t) => {
  const pairing = await openPairing(t)
  await enrolled(pairing, name)
  t.match(await pairing.operator.why(name), {
    ready: false,
    causes: { length: 0 },
    summary: /not in the cluster yet.*waiting for approval/
  })
  t.match(await joinery(pairing, 'why', 'nobody'), { exitCode: 3, err: /no enrolment has the name or id "nobody"/ })
})

t.test('two faults on two machines are each told for their own', async (t) => {
  const pairing = await openPairing(t, { diagnosis: 'on' })
  await waiting(pairing, name)
  await waiting(pairing, 'worker-2')
  await pluginWithoutImage(pairing, name)
  await pairing.cluster.runDaemonPod('net', 'worker-2', {
    phase: 'Running',
    ready: false,
    containers: [
      {
        name: 'main',
        image: 'net:1',
        ready: false,
        restarts: 3,
        waiting: { reason: 'CrashLoopBackOff', message: '' },
        ended: { exitCode: 2, reason: 'Error', message: '' }
      }
    ]
  })
  await pairing.diagnose()
  const causes = (await pairing.operator.list()).items.map(({ name, cause }) => `${name} ${cause?.code}`)
  t.same(causes, ['worker-1 plugin-image', 'worker-2 plugin-failing'])
})
