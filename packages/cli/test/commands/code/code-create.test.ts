import type { NewCode } from '@joinery/protocol'
import { newCode } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'

const { package: _, ...withoutPackage } = newCode.install
const noPackage: NewCode = { ...newCode, install: withoutPackage }

t.test('code create prints only the code, and says the rest as messages', async (t) => {
  const { exitCode, out, err, calls } = await joinery(
    t,
    { createCode: () => newCode },
    'code',
    'create',
    '--name',
    'node-1',
    '--ttl',
    '1h30m'
  )
  t.same(calls, [{ route: 'createCode', reference: '', body: { name: 'node-1', ttl: 5400 } }])
  t.equal(out, `${newCode.code}\n`)
  t.equal(
    err,
    `Code c1 invites one machine as node-1; first use until 2026-11-25T12:30:00Z.
Pairing server https://172.30.0.1:7443, pin sha256:${'a'.repeat(64)}
Next: at the machine, as root: joinery-agent enrol --server https://172.30.0.1:7443 --pin sha256:${'a'.repeat(64)} --code-file -
`
  )
  t.equal(exitCode, 0)
})

t.test(
  'code create warns of a likely mistake beside the code and user-data, and programs get the warning',
  async (t) => {
    const warned = { ...newCode, warnings: ['node-1 has another open code (c0)', 'a \u001b[2J'] }
    const said = /Warning: node-1 has another open code \(c0\)\nWarning: a \\u\{1b\}\[2J\n/
    for (const words of [[], ['--cloud-init']]) {
      const { exitCode, out, err } = await joinery(t, { createCode: () => warned }, 'code', 'create', ...words)
      t.match(err, said, words.join(' '))
      t.notMatch(out, 'another open code', words.join(' '))
      t.equal(exitCode, 0, words.join(' '))
    }
    const { out } = await joinery(t, { createCode: () => warned }, 'code', 'create', '-o', 'json')
    t.same(JSON.parse(out).warnings, warned.warnings)
  }
)

t.test('code create --uses invites many machines, by a pattern of names and from a network', async (t) => {
  const made = { ...newCode, name: 'node-{n}', uses: 10, from: ['192.0.2.0/24', '2001:db8::/32'] }
  const words = ['--uses', '10', '--name', 'node-{n}', '--from', '192.0.2.0/24,2001:db8::/32', '--from', '192.0.2.0/24']
  const { calls, err } = await joinery(t, { createCode: () => made }, 'code', 'create', ...words)
  t.same(calls[0]?.body, { name: 'node-{n}', uses: 10, from: ['192.0.2.0/24', '2001:db8::/32'], ttl: 1800 })
  t.match(err, 'Code c1 invites 10 machines as node-{n} from 192.0.2.0/24, 2001:db8::/32; first use until')
})

for (const [option, ...values] of [
  ['--uses', '0', '1001', '-1', '1.5', 'ten', ''],
  ['--from', '192.0.2.7', '192.0.2.0/33', 'here', '192.0.2.0/24,', '']
]) {
  t.test(`code create ${option} takes no other values`, async (t) => {
    for (const value of values) {
      const words = ['code', 'create', `${option}=${value}`]
      t.match(await joinery(t, { createCode: () => newCode }, ...words), { exitCode: 2, calls: { length: 0 } }, value)
    }
  })
}

t.test('code create lasts 30 minutes and is good for any name unless told otherwise', async (t) => {
  const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create')
  t.same(calls[0]?.body, { ttl: 1800 })
})

t.test('code create --cloud-init prints user-data and shows the code nowhere else', async (t) => {
  const { out, err } = await joinery(t, { createCode: () => newCode }, 'code', 'create', '--cloud-init')
  t.match(out, /^#cloud-config\n/)
  t.match(err, 'Next: joinery list\n')
  t.notMatch(err, newCode.code)
})

t.test('code create --cloud-init without an agent package fails, says what to do, and leaves no code', async (t) => {
  const answers = { createCode: () => noPackage, revokeCode: () => noPackage }
  const { exitCode, out, err, calls } = await joinery(t, answers, 'code', 'create', '--cloud-init')
  t.equal(exitCode, 1)
  t.equal(out, '')
  t.match(
    err,
    /^error: the pairing server has no agent package.*\nremedy: .*agentPackage in \/etc\/joinery\/server.yaml/
  )
  t.match(calls[1], { route: 'revokeCode', reference: 'c1' })
})

t.test('code create takes the shortest and the longest lifetime that the server takes', async (t) => {
  for (const [ttl, seconds] of [
    ['1m', 60],
    ['168h', 604_800]
  ] as const) {
    const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', '--ttl', ttl)
    t.same(calls[0]?.body, { ttl: seconds }, ttl)
  }
})

t.test('code create sends the policy of preflight that its options say', async (t) => {
  const cases: [string[], object][] = [
    [['--remediate', 'off'], { remediate: 'off', ignore: [] }],
    [['--ignore-preflight', 'mtu'], { ignore: ['mtu'] }],
    [
      ['--remediate', 'runtime', '--ignore-preflight', 'mtu,proxy', '--ignore-preflight', 'mtu,swap'],
      { remediate: 'runtime', ignore: ['mtu', 'proxy', 'swap'] }
    ]
  ]
  for (const [words, policy] of cases) {
    const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', ...words)
    t.same(calls[0]?.body, { ttl: 1800, policy }, words.join(' '))
  }
})

t.test('code create sends the kind of credential that its option says', async (t) => {
  for (const credential of ['certificate', 'token']) {
    const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', '--credential', credential)
    t.same(calls[0]?.body, { ttl: 1800, credential }, credential)
  }
})

t.test('code create says of images what its options say, and nothing if they say nothing', async (t) => {
  for (const [words, asked] of [
    [[], {}],
    [['--prefetch'], { prefetch: true }],
    [['--no-prefetch'], { prefetch: false }]
  ] as const) {
    const { calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', ...words)
    t.same(calls[0]?.body, { ttl: 1800, ...asked }, words.join(' '))
  }
})

t.test('code create -o json prints the answer of the server', async (t) => {
  const { out, err } = await joinery(t, { createCode: () => newCode }, 'code', 'create', '-o', 'json')
  t.same(JSON.parse(out), newCode)
  t.equal(err, '')
})

t.test('code create asks no server when the command line is wrong', async (t) => {
  const wrong = [
    ['--ttl', 'soon'],
    ['--ttl', '59s'],
    ['--ttl', '169h'],
    ['--remediate', 'all'],
    ['--credential', 'password'],
    ['--ignore-preflight', ''],
    ['--ignore-preflight', 'mtu, ,swap'],
    ['--ignore-preflight', '$(reboot)'],
    ['--cloud-init', '-o', 'json'],
    ['-o', 'name'],
    ['node-1']
  ]
  for (const words of wrong) {
    const { exitCode, calls } = await joinery(t, { createCode: () => newCode }, 'code', 'create', ...words)
    t.equal(exitCode, 2, words.join(' '))
    t.same(calls, [], words.join(' '))
  }
})
