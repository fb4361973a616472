import { serverUsername } from '@joinery/kube/names'
import type { Test } from 'tap'
import { minutes, type Product } from '../product.ts'
import { bootstrapFile, type Node } from './node.ts'

const alerts = (timeline: readonly { alert: boolean; event: string; detail: string }[]) =>
  timeline.filter(({ alert }) => alert).map(({ event, detail }) => `${event}: ${detail}`)

/** The way back of a worker that is Ready. It is Ready again at the end. */
export const testComesBack = async (t: Test, product: Product, node: Node): Promise<void> => {
  const { joinery, show } = product
  const { name, machine, waits, isBack } = node

  await t.test(`${name}: a kubelet that lost its certificate comes back when an operator approves`, async (t) => {
    await node.keepPod()
    const [before, container, { node: was, timeline }] = [await node.serial(), await node.container(), await show(name)]
    await node.lose()
    await node.becomes('Unknown', 'False')
    await node.look()
    const asked = await waits()
    t.match(asked, { state: 'recovering', recovery: { asked: { reason: 'missing' }, changed: { length: 0 } } })
    t.match(await joinery('list'), new RegExp(`^${name} .*recovering`, 'm'))
    t.equal((await machine.ssh(`ls ${bootstrapFile}`)).code, 2, 'nothing is given before the approval')
    await joinery('approve', name, '--yes')
    const back = await isBack()
    await node.becomes('True')
    const after = await node.serial()
    t.not(after, before)
    t.equal(back.attempts.at(-1)?.certificateSerial, after, 'the server knows the new certificate')
    t.equal(back.node?.uid, was?.uid, 'it is the same Node')
    t.equal(await node.container(), container, 'its Pod ran all the time')
    t.match(await node.lookEnds(), /has its certificate/)
    t.equal((await machine.ssh(`ls ${bootstrapFile}`)).code, 2, 'no credential is left')
    t.same(alerts(back.timeline), alerts(timeline), 'nothing alerts')
  })
}

/** The ways back of a worker, one after the other. It is Ready before each of them and after the last one. */
export const testWayBack = async (t: Test, product: Product, node: Node): Promise<void> => {
  const { joinery } = product
  const { name, machine, waits, isBack } = node

  await testComesBack(t, product, node)

  await t.test(
    `${name}: a certificate that is over, a server that is away, and a power cut while it waits`,
    async (t) => {
      const [before, { timeline }] = [await node.serial(), await product.show(name)]
      await product.kill()
      await node.expire()
      await node.becomes('Unknown', 'False')
      await node.look()
      await machine.waitFor(
        'the agent to try again',
        "journalctl --unit joinery-recover --output cat --no-pager | grep -q 'nextTryMs'",
        2 * minutes
      )
      await product.start()
      t.match(await waits(), { recovery: { asked: { reason: 'expired', notAfter: '2026-02-01T00:00:00.000Z' } } })
      await machine.powerCut()
      await machine.boot()
      await machine.waitFor('the machine to be up', 'true', 10 * minutes)
      await node.look()
      await joinery('approve', name, '--yes')
      const back = await isBack()
      await node.becomes('True')
      t.not(await node.serial(), before)
      t.same(alerts(back.timeline), alerts(timeline), 'the same ask again is no other machine')
      t.match(await node.lookEnds(), /has its certificate/)
    }
  )

  const cuts: [when: string, comes: () => Promise<unknown>][] = [
    [
      'with the credential on the disk',
      () => machine.waitFor('the credential', `test -s ${bootstrapFile}`, 2 * minutes)
    ],
    // its new key is in the page cache alone: after the boot it asks with another one
    ['after its kubelet has asked', () => node.hasAsked()]
  ]
  for (const [when, comes] of cuts) {
    await t.test(`${name}: a power cut ${when} leaves none, and the machine comes back`, async (t) => {
      const { timeline } = await product.show(name)
      await node.lose()
      await node.becomes('Unknown', 'False')
      await node.look()
      await waits()
      await joinery('approve', name, '--yes')
      await comes()
      await machine.powerCut()
      await machine.boot()
      await machine.waitFor('the machine to be up', 'true', 10 * minutes)
      await node.look()
      const back = await isBack()
      await node.becomes('True')
      t.match(await node.lookEnds(), /has its certificate/)
      t.equal((await machine.ssh(`ls ${bootstrapFile}`)).code, 2)
      const others = alerts(back.timeline.slice(timeline.length)).filter((alert) => !/^certificate-lost/.test(alert))
      t.same(others, [], 'a power cut is no thief')
    })
  }
}

/** What brings nobody back, or needs no way back. The worker is Ready before, and is removed at the end. */
export const testNoWayBack = async (t: Test, product: Product, node: Node): Promise<void> => {
  const { bed, joinery, tryJoinery } = product
  const { name, machine, waits, isBack } = node

  await t.test(`${name}: a name that somebody banned by hand gets nothing until the ban is lifted`, async (t) => {
    const ban = (reason: string | null) =>
      bed.kubectl(
        ...['--as', serverUsername, '--namespace', 'joinery-system'],
        ...['patch', 'configmap', 'joinery-banned', '--type=merge'],
        `--patch=${JSON.stringify({ data: { [name]: reason } })}`
      )
    await node.lose()
    // not after the ban: it takes the Lease away, and v1.37.2 then sees no silence
    await node.becomes('Unknown', 'False')
    await ban('by hand')
    await node.look()
    t.match(await node.lookEnds(), /is banned/)
    t.equal((await machine.ssh(`ls ${bootstrapFile}`)).code, 2)
    const { state, timeline } = await product.show(name)
    t.equal(state, 'ready')
    t.match(alerts(timeline).at(-1), /^recovery-refused: .*banned/)
    await ban(null)
    await node.look()
    await waits()
    await joinery('approve', name, '--yes')
    await isBack()
    await node.becomes('True')
  })

  // After it nobody sees this Node fall silent, until it is deleted: the Lease that the kubelet renews is older than the one of the clock
  // ahead, and the node lifecycle controller of v1.37.2 waits for a newer one (node_lifecycle_controller.go, tryUpdateNodeHealth).
  await t.test(
    `${name}: nobody needs the way back while the certificate is good, whatever the clock says`,
    async (t) => {
      t.match(await node.check(), { code: 0, stdout: /^nothing: / })
      await node.shell('date --set "+400 days"')
      const ahead = await node.check()
      await node.shell('date --utc --set "@$(cat /sys/class/rtc/rtc0/since_epoch)"')
      t.comment(ahead.stdout, ahead.stderr)
      t.notMatch(ahead.stdout, /^way-back/)
      t.match(await node.check(), { code: 0, stdout: /^nothing: / })
    }
  )

  await t.test(`${name}: a Node that was deleted needs a restart, and no way back`, async (t) => {
    await bed.kubectl('delete', 'node', name)
    t.match(await node.check(), { code: 3, stdout: /^node-deleted: / })
    await node.shell('systemctl restart kubelet')
    await node.becomes('True')
    t.match(await node.check(), { code: 0, stdout: /^nothing: / })
  })

  await t.test(`${name}: a machine that was removed gets no certificate`, async (t) => {
    await joinery('remove', name, '--yes')
    const csrs = () => bed.kubectl('get', 'csr', '-o', 'name')
    const before = await csrs()
    await node.lose()
    await node.look()
    t.match(await node.lookEnds(), /removed/)
    t.equal(await csrs(), before, 'nobody asks the cluster for anything')
    t.equal((await machine.ssh(`ls ${bootstrapFile}`)).code, 2)
    t.match(await tryJoinery('approve', name, '--yes'), { code: 6 }, 'not possible as things are')
  })
}
