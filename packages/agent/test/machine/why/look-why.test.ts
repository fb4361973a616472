import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { lookWhy, type WhyParts } from '../../../src/machine/why/look-why.ts'
import { unitNames } from '../../../src/machine/why/see/units.ts'
import { whyNotReady } from '../../../src/machine/why/why-not-ready.ts'
import { tableHost } from '../../support/table-host.ts'

const runs = (unit: string) =>
  `Id=${unit}\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nNRestarts=0\nExecMainStatus=0\nActiveEnterTimestampMonotonic=0\n`
const units = `systemctl show kubelet.service containerd.service --property=${unitNames.join(',')}`
const journal = (unit: string, recent = ' --since=-1min') =>
  `journalctl --unit=${unit}.service --boot --lines=400${recent} --output=cat --no-pager`

const runtime = { socket: 's', name: 'containerd', version: '2', problem: undefined, cgroupDriver: undefined }

/** A machine on which every look answers, unless it is said otherwise. */
const parts = (changes: Partial<WhyParts> = {}, table: Parameters<typeof tableHost>[0] = {}): WhyParts => {
  const host = tableHost({
    runtime,
    commands: {
      [units]: `${runs('kubelet.service')}\n${runs('containerd.service')}`,
      [journal('kubelet')]: 'a line\n',
      [journal('containerd')]: 'another\n'
    },
    ...table
  })
  return {
    files: filesUnder('/nowhere'),
    exec: host.exec,
    host,
    nodeReadiness: async () => ({ ready: false, message: 'KubeletNotReady: x' }),
    cri: { network: async () => 'NetworkPluginNotReady: x', containers: async () => [] },
    api: async () => ({ server: 'https://192.0.2.1:6443', host: '192.0.2.1', status: 200, date: 0 }),
    now: () => 0,
    monotonic: () => 0,
    ...changes
  }
}

t.test('one look sees everything, and misses nothing', async (t) => {
  const { seen, unseen } = await lookWhy(parts(), 'worker-1', 5000)
  t.same(unseen, [])
  t.match(seen, {
    node: { message: 'KubeletNotReady: x' },
    kubelet: { unit: 'kubelet.service', state: 'active' },
    runtime: { answer: 'ready', unit: { unit: 'containerd.service' } },
    lines: { kubelet: ['a line'], runtime: ['another'] },
    disks: [{ path: '/' }, { path: '/etc' }, { path: '/var/lib/kubelet' }, { path: '/var/lib/containerd' }],
    network: { problem: 'NetworkPluginNotReady: x' },
    certificate: 'missing',
    api: { status: 200 },
    skew: 5000
  })
})

t.test('every look that fails is a sentence, and the others are seen', async (t) => {
  const fails = async (): Promise<never> => {
    throw new Error('broken')
  }
  const host = tableHost({ runtime })
  const files = { ...filesUnder('/nowhere'), read: fails, list: fails }
  const broken = parts({
    files,
    exec: host.exec,
    host: { ...host, space: fails },
    nodeReadiness: fails,
    cri: { network: fails, containers: fails },
    api: fails
  })
  const { seen, unseen } = await lookWhy(broken, 'worker-1')
  t.same(unseen.map((sentence) => sentence.replace(/:.*/s, '')).sort(), [
    'the API server',
    'the Node',
    'the certificate of the kubelet',
    'the configuration of the network plugin',
    'the containers',
    'the disks',
    'the journal of the container runtime',
    'the journal of the kubelet',
    'the network of Pods',
    'the units of kubelet and container runtime'
  ])
  t.match(seen, { runtime: { answer: 'ready' }, network: undefined, disks: { length: 0 }, containers: { length: 0 } })
  t.same((await whyNotReady(broken, 'worker-1')).causes, [], 'and nobody guesses a cause')
})

t.test('a runtime that is silent is not asked for more, and its journal is read from before', async (t) => {
  let asked = 0
  const count = async (): Promise<never> => {
    asked += 1
    throw new Error('asked')
  }
  const silent = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const commands = {
    [units]: `${runs('kubelet.service')}\n${runs('containerd.service').replace('=active', '=failed')}`,
    [journal('kubelet')]: '',
    [journal('containerd', '')]: 'containerd: failed to unmarshal TOML at row 3 column 1: toml: x\n'
  }
  const machine = parts({ cri: { network: count, containers: count } }, { runtime: silent, commands })
  const { causes, unseen } = await whyNotReady(machine, 'worker-1')
  t.match(causes[0], { code: 'runtime-off', text: /line 3/ })
  t.same(unseen, [])
  t.equal(asked, 0)
})

t.test('a Node that is Ready has no causes', async (t) => {
  const ready = { ready: true, message: 'KubeletReady: x' }
  const found = await whyNotReady(parts({ nodeReadiness: async () => ready }), 'worker-1')
  t.same(found, { readiness: ready, causes: [], unseen: [] })
})
