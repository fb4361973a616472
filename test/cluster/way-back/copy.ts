import type { Test } from 'tap'
import { waitFor } from '../bed/wait-for.ts'
import { minutes, type Product } from '../product.ts'
import { bootstrapFile, type Node, nodeOf } from './node.ts'

/**
 * Another machine with a copy of the node's disk asks for the way back as well. The node is Ready before and after, and the
 * copy is off.
 */
export const testCopyOfDisk = async (t: Test, product: Product, node: Node): Promise<void> => {
  const { bed, joinery, show } = product
  const { name, machine, waits, isBack } = node
  const copy = nodeOf(product, bed.machine('copy', 3), name)
  const alerted = (event: string) =>
    waitFor(
      `an alert ${event}`,
      () => show(name),
      ({ timeline }) => timeline.some((entry) => entry.alert && entry.event === event),
      5 * minutes
    )

  await t.test(`a copy of the disk of ${name} asks while the Node is Ready, and is refused`, async (t) => {
    await machine.powerCut()
    await copy.machine.takeDisk(machine)
    await machine.boot()
    await machine.waitFor('the machine to be up', 'systemctl is-active --quiet kubelet', 10 * minutes)
    await node.becomes('True')
    await copy.machine.boot(asTheOther(name))
    await copy.machine.waitFor('the copy to be up', 'cloud-init status --wait', 10 * minutes)
    await copy.look()
    await alerted('recovery-refused')
    t.match(await copy.lookEnds(), /the Node worker-1 is Ready, .* is a copy of the machine/)
    t.match(await show(name), { state: 'ready', node: { condition: 'Ready' } })
  })

  await t.test(`${name} comes back beside its copy`, async () => {
    await node.lose()
    await node.becomes('Unknown', 'False')
    await node.look()
    await waits()
    await joinery('approve', name, '--yes')
    await isBack()
    await node.becomes('True')
  })

  await t.test('the copy asks with a value of before: nobody comes back until an operator has looked', async (t) => {
    await node.lose()
    await node.becomes('Unknown', 'False')
    const csrs = () => bed.kubectl('get', 'csr', '-o', 'name')
    const before = await csrs()
    await copy.look()
    await alerted('recovery-frozen')
    t.match(await copy.lookEnds(), /two machines asked with one key/)
    await node.look()
    t.match(await node.lookEnds(), /two machines asked with one key/)
    t.match(await show(name), { state: 'ready', recovery: { state: 'frozen' } })
    t.equal(await csrs(), before, 'nobody asks the cluster for anything')
    for (const one of [node, copy]) t.equal((await one.machine.ssh(`ls ${bootstrapFile}`)).code, 2)
    await copy.machine.powerCut()
    await joinery('retry', name, '--yes')
    await node.look()
    await waits()
    await joinery('approve', name, '--yes')
    await isBack()
    await node.becomes('True')
  })
}

/** User-data of a copy that calls itself as the other machine does, and has lost the certificate before its kubelet starts. */
const asTheOther = (hostname: string): string => `#cloud-config
hostname: ${hostname}
preserve_hostname: false
bootcmd:
  - rm --force /var/lib/kubelet/pki/kubelet-client-current.pem
`
