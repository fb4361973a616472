import { formatLabels, type Labels, shortFingerprint } from '@joinery/protocol'
import type { Test } from 'tap'
import { type CommandWorld, commandContract, type Ran } from '../../contract/command-contract.ts'
import { waitFor } from '../bed/wait-for.ts'
import { visitConsole } from '../console-visit.ts'
import { paperMachine } from '../paper-machine.ts'
import { minutes, type Product } from '../product.ts'
import { userKubeconfig } from '../user-kubeconfig.ts'

/** The operators' command and the console by kubeconfigs of users, with a real API server and its rights. */
export const decidesByCommand = async (t: Test, product: Product): Promise<void> => {
  const { bed } = product
  const alice = await userKubeconfig(bed, 'alice', 'joinery-admin')
  const vera = await userKubeconfig(bed, 'vera', 'joinery-viewer')

  const ran = async (...words: string[]): Promise<Ran> => {
    const { code, stdout, stderr } = await product.tryJoinery(...words)
    return { exitCode: code, out: stdout, err: stderr }
  }
  const over =
    (kubeconfig: string) =>
    (...words: string[]) =>
      ran('--kubeconfig', kubeconfig, ...words)

  const codeFor = async (name: string, labels: Labels = {}): Promise<string> => {
    const words = formatLabels(labels).flatMap((label) => ['--label', label])
    return (await product.joinery('code', 'create', '--name', name, ...words)).trim()
  }
  const enrol = async (name: string, labels?: Labels): Promise<void> => {
    await paperMachine(product, name).enrol(await codeFor(name, labels))
    const views = () => bed.kubectl('get', 'enrolments', '--field-selector', `status.name=${name}`, '-o', 'name')
    await waitFor(`the view of ${name}`, views, Boolean, minutes)
  }
  const world: CommandWorld = {
    way: ['--kubeconfig', alice],
    prefix: 'cluster',
    address: /172\.30\.0\.\d+/,
    hasPackage: true,
    joinery: over(alice),
    enrol
  }

  // what makes a code or user-data over the cluster wants a pin that somebody named, and keeps it
  const named = await over(alice)('--pin', await product.joinery('status', '-o', 'jsonpath={.agents.pin}'), 'list')
  t.equal(named.exitCode, 0, named.err)

  commandContract(t, 'cluster', world)

  t.test('who decided is in the timeline, and who may not is told so in the words of RBAC', async (t) => {
    await enrol('told')
    const denied = await over(vera)('approve', 'told', '--yes')
    t.match(denied, {
      exitCode: 4,
      out: '',
      err: /\nerror: system:serviceaccount:default:vera may not create decisions\.joinery\.dev\n/
    })
    t.match(await over(alice)('approve', 'told', '--yes'), { exitCode: 0, out: 'enrolment/told approved\n' })
    const { timeline } = await product.show('told')
    t.match(
      timeline.find(({ event }) => event === 'approve'),
      { by: 'system:serviceaccount:default:alice', decision: /./ }
    )
  })

  t.test(
    'in a browser a Kubernetes user approves what they see, and without the right sees which verb is missing',
    async (t) => {
      await enrol('browsed')
      const { key } = await product.show('browsed')
      const order = { machine: 'browsed', approves: true }
      const viewer = await visitConsole(bed, vera, 'vera', order)
      t.match(viewer, { key: shortFingerprint(key), door: /vera/, mayApprove: false, told: '' })
      t.same(viewer.errors, [])
      t.match(viewer.lacking, /Approve needs the right to approve on enrolments\.joinery\.dev/)
      t.equal((await product.show('browsed')).state, 'pending')
      const admin = await visitConsole(bed, alice, 'alice', order)
      t.match(admin, { key: shortFingerprint(key), door: /alice/, mayApprove: true, lacking: '' })
      t.same(admin.errors, [])
      t.match(admin.told, /browsed is approved/)
      const { state, timeline } = await product.show('browsed')
      t.equal(state, 'approved')
      t.match(
        timeline.find(({ event }) => event === 'approve'),
        { by: 'system:serviceaccount:default:alice', decision: /./ }
      )
    }
  )
}
