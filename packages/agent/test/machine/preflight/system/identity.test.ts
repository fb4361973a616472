import { hostname } from '../../../../src/machine/preflight/network/hostname.ts'
import { machineIdentity } from '../../../../src/machine/preflight/system/machine-identity.ts'
import { table } from '../../../support/check-table.ts'

const called = (name: string) => ({ '/proc/sys/kernel/hostname': `${name}\n` })

table(hostname(undefined), [
  {
    name: 'in /etc/hosts',
    machine: {
      files: { ...called('worker-1'), '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 worker-1.example.com worker-1\n' }
    },
    verdict: 'pass',
    finding: /^worker-1$/
  },
  {
    name: 'in DNS',
    machine: { files: called('worker-1.example.com'), names: { 'worker-1.example.com': ['10.0.0.5'] } },
    verdict: 'pass',
    finding: /^worker-1\.example\.com$/
  },
  {
    name: 'unknown, and in a comment of /etc/hosts',
    machine: { files: { ...called('worker-1'), '/etc/hosts': '# worker-1\n' } },
    verdict: 'warn',
    finding: /worker-1 cannot be resolved/,
    remedy: /^echo '127\.0\.1\.1 worker-1' >> \/etc\/hosts$/
  },
  ...['localhost', 'localhost.localdomain', '(none)', ''].map((name) => ({
    name: `that nobody gave: ${name}`,
    machine: { files: called(name) },
    verdict: 'fail' as const,
    finding: /nobody gave the machine a name/,
    remedy: /^# hostnamectl set-hostname NAME/
  })),
  {
    name: 'that no Node can have',
    machine: { files: called('Worker_1') },
    verdict: 'fail',
    finding: /"Worker_1" is not a lower-case name of RFC 1123/,
    remedy: /^hostnamectl set-hostname worker-1$/
  },
  {
    name: 'hostile',
    machine: { files: called('-x;reboot-') },
    verdict: 'fail',
    finding: /RFC 1123/,
    remedy: /^# hostnamectl set-hostname NAME/
  },
  {
    name: 'too long',
    machine: { files: called('a'.repeat(64)) },
    verdict: 'fail',
    finding: /RFC 1123/,
    remedy: /NAME/
  }
])

table(hostname('worker-1'), [
  {
    name: 'joins by another name, which is looked up',
    machine: { files: called('debian'), names: { 'worker-1': ['10.0.0.5'] } },
    verdict: 'pass',
    finding: /^worker-1$/
  },
  {
    name: 'joins by another name, as no Node can have its own',
    machine: { files: called('Debian_12') },
    verdict: 'warn',
    finding: /RFC 1123/,
    remedy: /set-hostname debian-12$/
  },
  {
    name: 'nobody gave it a name',
    machine: { files: called('localhost') },
    verdict: 'fail',
    finding: /nobody/,
    remedy: /hostnamectl/
  }
])

const machineId = '0f8a4b7e6d2c4c1f9a3b5e7d8c6f4a21'
const ids = (id: string, uuid?: string) => ({
  files: { '/etc/machine-id': `${id}\n`, ...(uuid !== undefined && { '/sys/class/dmi/id/product_uuid': `${uuid}\n` }) }
})

table(machineIdentity, [
  {
    name: 'both',
    machine: ids(machineId, '4C4C4544-0042-3510-8052-B4C04F4A3232'),
    verdict: 'pass',
    finding: /^machine id 0f8a/
  },
  { name: 'no DMI', machine: ids(machineId), verdict: 'pass', finding: /^machine id/ },
  {
    name: 'an image that was never booted',
    machine: {},
    verdict: 'fail',
    finding: /no machine id/,
    remedy: /-setup\n/
  },
  ...['uninitialized', '0'.repeat(32), 'abc'].map((id) => ({
    name: id,
    machine: ids(id),
    verdict: 'fail' as const,
    finding: /is not valid$/,
    remedy: /^rm -f \/etc\/machine-id .*\nsystemd-machine-id-setup\n# then reboot$/
  })),
  ...[
    '03000200-0400-0500-0006-000700080009',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    'Not Settable',
    'To be filled by O.E.M.'
  ].map((uuid) => ({
    name: uuid,
    machine: ids(machineId, uuid),
    verdict: 'warn' as const,
    finding: /what the maker left there/,
    remedy: /DMI/
  }))
])
