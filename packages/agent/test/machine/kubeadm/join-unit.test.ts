import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { parse } from 'yaml'
import { closeJoin } from '../../../src/machine/kubeadm/close-join.ts'
import {
  joinIsAlive,
  joinOutput,
  joinUnit,
  removeJoinFiles,
  startJoin
} from '../../../src/machine/kubeadm/join-unit.ts'
import { reset } from '../../../src/machine/kubeadm/reset.ts'
import { recorder } from '../../support/recorder.ts'

const run = '/run/joinery-agent'
const credential = {
  attempt: 1,
  nodeName: 'worker-1',
  server: 'https://172.30.0.1:6443',
  certificateAuthority: 'PEM',
  token: 'abcdef.0123456789abcdef',
  expires: '2026-11-25T02:30:00.000Z'
}

t.test('a join starts with both files in place, readable only by root, and no secret in a command', async (t) => {
  const root = t.testdir({ run: { 'joinery-agent': { 'join.log': 'of the last attempt' } } })
  const files = filesUnder(root)
  const { commands, exec } = recorder(async () => {
    t.ok(await files.exists(`${run}/discovery.conf`), 'written before the unit starts')
    return ''
  })
  await startJoin(files, exec, run, credential)
  t.same(commands, ['systemctl start --no-block joinery-join.service'])
  t.match(parse((await files.read(`${run}/join.yaml`)) ?? ''), {
    discovery: { file: { kubeConfigPath: '/run/joinery-agent/discovery.conf' } },
    nodeRegistration: { name: 'worker-1', criSocket: 'unix:///run/containerd/containerd.sock' }
  })
  t.match(await files.read(`${run}/discovery.conf`), /token: "abcdef\.0123456789abcdef"/)
  for (const file of ['join.yaml', 'discovery.conf'])
    t.equal((await stat(join(root, run, file))).mode & 0o777, 0o600, file)
  t.same(await joinOutput(files, run), [], 'the log of the last attempt is gone')

  await removeJoinFiles(files, run)
  t.same(await files.list(run), [])
  await t.resolves(removeJoinFiles(files, run), 'again')
})

t.test('a join gets the address of its Node if one was chosen', async (t) => {
  const files = filesUnder(t.testdir({ run: { 'joinery-agent': {} } }))
  const { exec } = recorder()
  await startJoin(files, exec, run, credential, { nodeIp: '172.30.0.11' })
  const { nodeRegistration } = parse((await files.read(`${run}/join.yaml`)) ?? '')
  t.same(nodeRegistration.kubeletExtraArgs, [
    { name: 'node-labels', value: 'joinery.dev/joining=' },
    { name: 'node-ip', value: '172.30.0.11' }
  ])
})

// as systemd 257 prints them
const shown: [string, string, string][] = [
  ['a unit that was not started, or that does not exist, is absent', 'ActiveState=inactive\nJob=', 'absent'],
  ['a start that is queued is running', 'ActiveState=inactive\nJob=812', 'running'],
  ['a second start that is queued is running, and no failure', 'ActiveState=failed\nJob=812', 'running'],
  ['kubeadm at work is running', 'ActiveState=activating\nJob=812', 'running'],
  ['a unit that is being stopped is running', 'ActiveState=deactivating\nJob=', 'running'],
  ['kubeadm that ended well has succeeded', 'ActiveState=active\nJob=', 'succeeded'],
  ['kubeadm that ended badly has failed', 'ActiveState=failed\nJob=', 'failed']
]
for (const [name, printed, state] of shown) {
  t.test(name, async (t) => {
    const { commands, exec } = recorder(() => `${printed}\n`)
    t.equal(await joinUnit(exec), state)
    t.same(commands, ['systemctl show joinery-join.service --property=ActiveState,Job'])
  })
}

t.test('kubeadm at work is seen by its processes, without a command', async (t) => {
  const alive = (group: Record<string, Record<string, string>>) =>
    joinIsAlive(filesUnder(t.testdir({ sys: { fs: { cgroup: { 'system.slice': group } } } })))
  t.equal(await alive({ 'joinery-join.service': { 'cgroup.procs': '812\n' } }), true)
  t.equal(await alive({ 'joinery-join.service': { 'cgroup.procs': '' } }), false, 'it has ended')
  t.equal(await alive({}), false, 'no unit that runs')
  const goesAway = async () => {
    throw Object.assign(new Error('no such device'), { code: 'ENODEV' })
  }
  t.equal(await joinIsAlive({ read: goesAway }), false)
})

t.test('the output of a join is its last 200 lines, without the secret of a token', async (t) => {
  const lines = Array.from({ length: 300 }, (_, line) => `line ${line}`)
  const log = [...lines, '', 'token abcdef.0123456789abcdef refused', ''].join('\n')
  const output = await joinOutput(filesUnder(t.testdir({ run: { 'joinery-agent': { 'join.log': log } } })), run)
  t.equal(output.length, 200)
  t.equal(output.at(-1), 'token abcdef.<secret> refused')
  t.equal(output.at(-2), 'line 299')
})

const leftBehind = () => ({
  etc: { kubernetes: { 'bootstrap-kubelet.conf': 'secret', 'kubelet.conf': 'stays' } },
  run: { 'joinery-agent': { 'discovery.conf': 'secret', 'join.yaml': '', 'join.log': 'error: x' } }
})

t.test('closing a join stops kubeadm and the kubelet first, then takes the secrets and leaves the log', async (t) => {
  const files = filesUnder(t.testdir(leftBehind()))
  const { commands, exec } = recorder(async () => {
    t.ok(await files.exists('/etc/kubernetes/bootstrap-kubelet.conf'), 'files go last')
    return ''
  })
  await closeJoin(files, exec, run)
  t.same(commands, ['systemctl stop joinery-join.service kubelet.service'])
  t.same(await files.list(run), ['join.log'])
  t.same(await files.list('/etc/kubernetes'), ['kubelet.conf'])
  commands.length = 0
  await t.resolves(closeJoin(files, recorder().exec, run), 'again')
})

t.test('a stop that fails is an error, and leaves no secret on the machine', async (t) => {
  const files = filesUnder(t.testdir(leftBehind()))
  const { exec } = recorder(() => {
    throw new Error('Failed to connect to system scope bus')
  })
  await t.rejects(closeJoin(files, exec, run), { message: 'Failed to connect to system scope bus' })
  t.same(await files.list(run), ['join.log'])
  t.same(await files.list('/etc/kubernetes'), ['kubelet.conf'])
})

t.test('a reset waits for its unit, and then clears a join unit that failed', async (t) => {
  const { commands, exec } = recorder((command) =>
    command.startsWith('systemctl show') ? 'ActiveState=failed\nJob=' : ''
  )
  await reset(exec)
  t.equal(commands[0], 'systemctl start joinery-reset.service')
  t.equal(commands.at(-1), 'systemctl reset-failed joinery-join.service')
})

t.test('a reset has nothing to clear if the join unit did not fail', async (t) => {
  const { commands, exec } = recorder(() => 'ActiveState=inactive\nJob=')
  await reset(exec)
  t.notOk(commands.some((command) => command.includes('reset-failed')))
})
