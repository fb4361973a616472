import { formatLabels, type Labels, shortFingerprint } from '@joinery/protocol'
import t from 'tap'
import { type CommandWorld, commandContract, type Ran } from '../contract/command-contract.ts'
import { openBed } from './bed/bed.ts'
import { waitFor } from './bed/wait-for.ts'
import { visitConsole } from './console-visit.ts'
import { paperMachine } from './paper-machine.ts'
import { installProduct, minutes } from './product.ts'
import { userKubeconfig } from './user-kubeconfig.ts'

t.setTimeout(0)

/**
 * The operators' command over both doors of a real server: the socket of root, and a real API server with the rights of users who
 * are not root. Machines are their calls alone.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs: ${bed.logs}`)
const product = await installProduct(bed)

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
const worldOf = (prefix: string, way: readonly string[], joinery: CommandWorld['joinery']): CommandWorld => ({
  way,
  prefix,
  address: /172\.30\.0\.\d+/,
  hasPackage: true,
  joinery,
  enrol
})

// what makes a code or user-data over the cluster wants a pin that somebody named, and keeps it
const named = await over(alice)('--pin', await product.joinery('status', '-o', 'jsonpath={.agents.pin}'), 'list')
t.equal(named.exitCode, 0, named.err)

// root on the host of the server names no door
commandContract(t, 'socket', worldOf('socket', [], ran))
commandContract(t, 'cluster', worldOf('cluster', ['--kubeconfig', alice], over(alice)))

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

t.test(
  'a machine comes with a code that was made on a laptop, and a code that is revoked lets nobody in',
  async (t) => {
    const made = await over(alice)('code', 'create', '--name', 'by-hash')
    t.equal(made.exitCode, 0, made.err)
    t.match(await paperMachine(product, 'by-hash').enrol(made.out.trim()), { name: 'by-hash', state: 'pending' })
    const other = await over(alice)('code', 'create', '--name', 'revoked')
    const [, id = ''] = /^Code (\S+) /.exec(other.err) ?? []
    t.match(await over(alice)('code', 'revoke', id), { exitCode: 0 })
    // the Code is gone at once, and the server reads Codes at most twice a second: a machine that is faster is still let in
    const known = async () => JSON.parse(await product.joinery('code', 'show', id, '-o', 'json'))
    await waitFor('the server to know', known, ({ status }) => status === 'revoked', minutes)
    t.match(await paperMachine(product, 'revoked').enrol(other.out.trim()), { refused: /^code-/ })
  }
)

t.test(
  'if the server is off, the command says that the Decision stays open, and the server carries it out later',
  async (t) => {
    await enrol('later')
    await product.kill()
    const { exitCode, err } = await over(alice)('approve', 'later', '--yes')
    t.equal(exitCode, 5, err)
    const [, name = ''] = /the Decision (approve-[\w-]+) stays open for an hour/.exec(err) ?? []
    t.equal(await bed.kubectl('get', 'decision', name, '-o', 'jsonpath={.status.result}'), '')
    await product.start()
    await product.reaches('later', 'approved', minutes)
  }
)

t.test("root's own commands are not for the cluster", async (t) => {
  t.match(await over(alice)('join-command', '--name', 'x'), {
    exitCode: 4,
    out: '',
    err: /on the host of the pairing server: sudo joinery join-command --name x\n$/
  })
  t.match(await over(alice)('--socket', '/run/joinery/operator.sock', 'list'), { exitCode: 2, out: '' })
})
