import t from 'tap'
import { nameLookup } from '../../../../src/machine/preflight/network/name-lookup.ts'
import { runChecks } from '../../../../src/machine/preflight/run-checks.ts'
import { table } from '../../../support/check-table.ts'
import { tableHost } from '../../../support/table-host.ts'

const named = { files: { '/proc/sys/kernel/hostname': 'worker-1\n' } }
const [first, second] = ['getent ahosts worker-1', 'getent hosts worker-1']
/** It answers, each time after so many milliseconds. */
const after = (once: number, again = 0, answer: string | number = '127.0.1.1       worker-1\n') => ({
  ...named,
  commands: { [first]: answer, [second]: answer },
  takes: { [first]: once, [second]: again }
})
const remedy = /^echo '127\.0\.1\.1 worker-1' >> \/etc\/hosts\n# or, .*LLMNR=no/

table(nameLookup(undefined), [
  { name: 'at once', machine: after(3), verdict: 'pass', finding: /^the name worker-1 is looked up within a second$/ },
  { name: 'just in time', machine: after(999), verdict: 'pass', finding: /within a second/ },
  {
    name: 'a second',
    machine: after(1000, 1000),
    verdict: 'warn',
    finding: /^looking up the name worker-1 takes longer than a second$/,
    remedy
  },
  { name: 'never', machine: after(60_000, 60_000), verdict: 'warn', finding: /takes longer than a second/, remedy },
  {
    name: 'late once, on a machine that is busy',
    machine: after(1800, 5),
    verdict: 'pass',
    finding: /within a second/
  },
  {
    name: 'no such name, at once',
    machine: after(3, 0, 2),
    verdict: 'pass',
    finding: /within a second/
  },
  {
    name: 'no such name, after the neighbours were asked',
    machine: after(1500, 1500, 2),
    verdict: 'warn',
    finding: /takes longer/,
    remedy
  },
  { name: 'no getent', machine: named, verdict: 'skipped', finding: /no command getent/ },
  { name: 'no name', machine: {}, verdict: 'skipped', finding: /has no name/ },
  {
    name: 'a name that is a command',
    machine: { files: { '/proc/sys/kernel/hostname': "a'; reboot; '\n" } },
    verdict: 'skipped',
    finding: /no name that a Node may have/
  }
])

table(
  nameLookup('edge-7'),
  [
    {
      name: 'that name and not the host name',
      machine: {
        ...named,
        commands: { 'getent ahosts edge-7': 2, 'getent hosts edge-7': 2 },
        takes: { 'getent ahosts edge-7': 5000, 'getent hosts edge-7': 5000 }
      },
      verdict: 'warn',
      finding: /the name edge-7 /,
      remedy: /127\.0\.1\.1 edge-7/
    }
  ],
  'name-lookup of the name by which a machine is to join'
)

t.test('a whole preflight measures the name lookup, and runs no command twice', async (t) => {
  const of = async (...takes: [number, number]) =>
    (await runChecks(tableHost(after(...takes)), [nameLookup(undefined)]))[0]?.verdict
  t.equal(await of(5000, 5000), 'warn')
  t.equal(await of(1500, 5), 'pass')
})

t.test('a name that is never answered delays preflight by four seconds at most', async (t) => {
  const host = tableHost(after(60_000, 60_000))
  await nameLookup(undefined).run(host)
  t.equal(host.monotonic(), 4000)
})
