import { wrongRemedyLines } from '@joinery/testing/remedies/remedy-lines'
import t from 'tap'
import { install, installKubernetes } from '../../../../src/machine/preflight/runtime/packages.ts'
import { type Table, tableHost } from '../../../support/table-host.ts'

const machines = {
  apt: {},
  dnf: { installs: 'dnf' },
  zypper: { installs: 'zypper' },
  none: { installs: 'none' }
} as const
const url = 'https://pkgs.k8s.io/core:/stable:/v1.37'

t.test('the machine’s own program installs packages, under its own names', async (t) => {
  const lines = async (name: keyof typeof machines, ...packages: string[]) =>
    install(tableHost(machines[name]), ...packages)
  t.same(await lines('apt', 'iproute2', 'conntrack'), ['apt-get install -y iproute2 conntrack'])
  t.same(await lines('dnf', 'iproute2', 'mount', 'conntrack'), [
    'dnf install -y iproute iproute-tc util-linux conntrack-tools'
  ])
  t.same(await lines('zypper', 'conntrack', 'mount'), ['zypper --non-interactive install conntrack-tools util-linux'])
  t.same(await lines('none', 'iproute2', 'socat'), ['# install iproute2 socat, as this distribution does it'])
  t.same(
    await lines('dnf', 'containerd', 'socat'),
    ['# install containerd, as this distribution does it', 'dnf install -y socat'],
    'what it has no package of is words'
  )
})

t.test('packages of Kubernetes come from its repository, which is added first if it is missing', async (t) => {
  const all: string[] = []
  const lines = async (table: Table, minor: number | undefined, exact = false) => {
    const found = await installKubernetes(tableHost(table), ['kubelet'], minor, exact)
    all.push(...found)
    t.ok(found.length <= 8, 'a report has room for them')
    return found
  }
  t.same(await lines({}, 37), [
    'apt-get update',
    'apt-get install -y ca-certificates curl',
    'mkdir -p /etc/apt/keyrings',
    `curl -fsSL -o /etc/apt/keyrings/kubernetes.asc ${url}/deb/Release.key`,
    `echo 'deb [signed-by=/etc/apt/keyrings/kubernetes.asc] ${url}/deb/ /' > /etc/apt/sources.list.d/kubernetes.list && apt-get update`,
    'apt-get install -y kubelet'
  ])
  t.match(await lines(machines.dnf, 37), [
    /\/rpm\/repodata\/repomd\.xml\.key > \/etc\/yum\.repos\.d\//,
    'dnf install -y kubelet'
  ])
  t.match(await lines(machines.zypper, 37), [/^rpm --import /, /^zypper .* addrepo /, /^zypper .* install kubelet$/])
  t.match(await lines(machines.none, 37), [/^# install kubelet 1\.37: https:/])
  t.match(
    await lines({}, undefined),
    [/^# first add the package repository/, 'apt-get install -y kubelet'],
    'to choose'
  )
  const known = { files: { '/etc/apt/sources.list.d/k8s.list': `deb ${url}/deb/ /\n` } }
  t.same(await lines(known, 37), ['apt-get update', 'apt-get install -y kubelet'])
  t.match(await lines(known, 36), [/^apt-get update/, /curl$/], 'another version has a repository of its own')
  for (const machine of [{}, machines.dnf, machines.zypper]) {
    t.match(
      (await lines(machine, 36, true)).join('\n'),
      /kubelet(='1\.36\.\*'|-1\.36\.\*|<1\.37)/,
      JSON.stringify(machine)
    )
  }
  t.same(wrongRemedyLines(all), [])
})
