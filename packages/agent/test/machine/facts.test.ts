import * as os from 'node:os'
import { Facts } from '@joinery/protocol'
import t from 'tap'
import { Value } from 'typebox/value'
import { factsReader } from '../../src/machine/facts.ts'
import { systemError, type Table, tableHost } from '../support/table-host.ts'

const machine = {
  files: {
    '/etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4\n',
    '/etc/os-release': 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    '/sys/class/dmi/id/product_uuid': '4C4C4544-0042-3510-8051-B4C04F4D3032\n',
    '/sys/class/dmi/id/product_serial': 'BQ5QMD2\n',
    '/sys/class/net/eth0/device/vendor': '0x1af4\n',
    '/sys/class/net/eth0/address': '52:54:00:30:00:01\n'
  },
  programs: { kubelet: 'v1.37.2', kubeadm: 'v1.37.2' },
  runtime: {
    socket: '/run/containerd/containerd.sock',
    name: 'containerd',
    version: '2.4.2',
    problem: undefined,
    cgroupDriver: 'systemd'
  } as const
}

const read = (table: Table) => factsReader(tableHost(table))()

t.test('the facts say what the machine shows, in the letters that the kubelet uses', async (t) => {
  const facts = await read(machine)
  t.match(facts, {
    hostname: os.hostname(),
    machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
    productUuid: '4C4C4544-0042-3510-8051-B4C04F4D3032',
    serial: 'BQ5QMD2',
    macs: ['52:54:00:30:00:01'],
    os: 'Debian GNU/Linux 13 (trixie)',
    kernel: os.release(),
    kubelet: 'v1.37.2',
    kubeadm: 'v1.37.2',
    runtime: 'containerd 2.4.2'
  })
  t.ok(facts.cpus > 0)
  t.ok(facts.memory > 100e6, 'in bytes')
  t.ok(Value.Check(Facts, facts))
})

t.test('facts of an unchanged machine do not change', async (t) => {
  t.same(await read(machine), await read(machine))
})

t.test('a machine that shows nothing has empty facts, and the facts keep to their schema', async (t) => {
  const facts = await read({})
  t.match(facts, {
    machineId: '',
    productUuid: '',
    serial: '',
    macs: { length: 0 },
    os: '',
    kubelet: '',
    kubeadm: '',
    runtime: ''
  })
  t.ok(Value.Check(Facts, facts))
})

t.test('a machine whose files cannot be read has empty facts', async (t) => {
  const unreadable = async () => {
    throw systemError('EACCES')
  }
  const facts = await factsReader({ ...tableHost({}), read: unreadable, list: unreadable })()
  t.match(facts, { machineId: '', productUuid: '', serial: '', macs: { length: 0 }, addresses: { length: 0 } })
  t.ok(Value.Check(Facts, facts))
})

t.test('over-long values keep to the schema', async (t) => {
  const long = 'x'.repeat(5000)
  const files = Object.fromEntries(Object.keys(machine.files).map((path) => [path, long]))
  const programs = { kubelet: long, kubeadm: long }
  const runtime = { ...machine.runtime, name: long }
  t.ok(Value.Check(Facts, await read({ files, programs, runtime })))
})
