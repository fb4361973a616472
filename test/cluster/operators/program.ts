import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Status } from '@joinery/protocol'
import type { Test } from 'tap'
import { parse, stringify } from 'yaml'
import { pageFile } from '../../docs/page-files.ts'
import { waitFor } from '../bed/wait-for.ts'
import { doorDesk } from '../door-desk.ts'
import { paperMachine } from '../paper-machine.ts'
import { minutes, type Product, root } from '../product.ts'

/** The page about programs that decide, word for word: its account, its program, and the same with kubectl and jq. */
export const decidesByProgram = async (t: Test, product: Product): Promise<void> => {
  const { bed } = product
  const { show, reaches } = product
  const { kubectl, must } = doorDesk(product)

  const page = await readFile(join(root, 'docs/how-to/decide-by-program.md'), 'utf8')
  const folder = '/run/joinery/approver'
  const outside = bed.hostPath(folder)
  const [account, binding] = ['system:serviceaccount:machine-inventory:approver', 'machine-inventory-approver']
  const env = { KUBECONFIG: `${folder}/kubeconfig` }

  await must('', ['apply', '-f', '-'], pageFile(page, 'approver.yaml'))
  await mkdir(join(outside, 'inventory'), { recursive: true })
  for (const name of ['approver.mjs', 'approver.sh']) await writeFile(join(outside, name), pageFile(page, name))
  const inventory = JSON.parse(pageFile(page, 'machines.json')) as Record<string, string>
  /** In one step, as a ConfigMap changes: the program may read it at any moment. */
  const writeInventory = async (): Promise<void> => {
    await writeFile(join(outside, 'machines.next'), JSON.stringify(inventory))
    await rename(join(outside, 'machines.next'), join(outside, 'inventory/machines.json'))
  }
  await writeInventory()
  // as `npm install` of the Dockerfile puts it there: the package itself, and not the bundle that this process would get
  const client = join(root, 'packages/kube/node_modules/@kubernetes/client-node')
  await mkdir(join(outside, 'node_modules/@kubernetes'), { recursive: true })
  await symlink(client, join(outside, 'node_modules/@kubernetes/client-node'))
  const config = parse(await readFile(bed.hostPath('/etc/kubernetes/admin.conf'), 'utf8'))
  const token = (await must('', ['--namespace', 'machine-inventory', 'create', 'token', 'approver'])).trim()
  await writeFile(
    join(outside, 'kubeconfig'),
    stringify({ ...config, users: config.users.map(({ name }: { name: string }) => ({ name, user: { token } })) }),
    { mode: 0o600 }
  )

  const [[known = '', node = ''] = [], [second = '', secondNode = ''] = []] = Object.entries(inventory)
  /** A machine that says it has this serial number, with a code for that name. */
  const arrives = async (serial: string, name: string) => {
    const machine = paperMachine(product, `${name} of ${serial}`, { serial })
    const { code } = await product.code(name)
    const { id } = await machine.enrol(code)
    return { machine, id, code }
  }
  const alerts = async (): Promise<number> => {
    const status = JSON.parse((await product.tryJoinery('status', '-o', 'json')).stdout) as Status
    return status.alerts.count
  }
  const stateOf = async ({ id }: { id: string }): Promise<string> => (await show(id)).state

  // before the first test: the runner ends when no test is left
  const program = await bed.spawn('approver', [process.execPath, `${folder}/approver.mjs`], { env })
  const stranger = await arrives('of nobody', 'worker-9')

  t.test('the account may do what the page says, and no more', async (t) => {
    const rights = await must(account, ['auth', 'can-i', '--list', '--no-headers'])
    const ours = rights.split('\n').filter((line) => line.includes('joinery.dev'))
    t.same(
      ours
        .map((line) => line.split(/\s{2,}/))
        .map(([resource, , , verbs]) => [resource, verbs?.trim()])
        .sort(),
      [
        ['decisions.joinery.dev', '[create]'],
        ['enrolments.joinery.dev', '[get list watch approve]']
      ]
    )
  })

  t.test('the program approves the machine that the inventory knows, under its name', async (t) => {
    const misnamed = await arrives(second, 'worker-1')
    const { machine, id, code } = await arrives(known, node)
    const { timeline } = await reaches(id, 'approved', minutes)
    t.match(
      timeline.find(({ event }) => event === 'approve'),
      { by: account }
    )
    t.match(await machine.claimToken(), /^\w{6}\.\w{16}$/)
    t.equal(await stateOf(stranger), 'pending', 'a serial number that it does not know')
    t.equal(await stateOf(misnamed), 'pending', 'another name')

    const before = await alerts()
    // the code belongs to the first key by now
    t.match(await paperMachine(product, 'thief', { serial: known }).enrol(code), { refused: 'code-not-accepted' })
    t.equal((await alerts()) - before, 1)
  })

  t.test('a machine that the inventory gets later is approved then', async () => {
    inventory['of nobody'] = 'worker-9'
    await writeInventory()
    await reaches(stranger.id, 'approved', minutes)
  })

  t.test('without its right the program ends, and approves nothing', async (t) => {
    await must('', ['delete', 'clusterrolebinding', binding])
    const may = async () => (await kubectl(account, ['auth', 'can-i', 'create', 'decisions.joinery.dev'])).stdout.trim()
    await waitFor('the API server to heed it', may, (answer) => answer === 'no', minutes)
    const { id } = await arrives(second, secondNode)
    let ended = false
    void program.exited.then(() => (ended = true))
    await waitFor('the program to end', async () => ended, Boolean, minutes)
    t.match(await program.exited, { code: 1 })
    t.equal((await show(id)).state, 'pending')
  })

  t.test('kubectl and jq do the same', async (t) => {
    await must('', ['apply', '-f', '-'], pageFile(page, 'approver.yaml'))
    inventory.third = 'worker-3'
    await writeInventory()
    const stranger = await arrives('of nobody else', 'worker-4')
    const third = await arrives('third', 'worker-3')
    const shell = await bed.spawn('approver-shell', ['bash', '-c', `cd ${folder} && exec bash approver.sh`], { env })
    t.teardown(() => process.kill(-shell.pid))
    const { timeline } = await reaches(third.id, 'approved', minutes)
    t.match(
      timeline.find(({ event }) => event === 'approve'),
      { by: account }
    )
    t.match(await third.machine.claimToken(), /^\w{6}\.\w{16}$/)
    t.equal(await stateOf(stranger), 'pending')
    const said = await readFile(join(bed.logs, 'approver-shell.log'), 'utf8')
    t.notMatch(said, /rror/)
  })
}
