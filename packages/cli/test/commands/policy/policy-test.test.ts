import { join } from 'node:path'
import { code, detail, enrolment, status } from '@joinery/testing/command/fixtures'
import { joinery, runWith } from '@joinery/testing/command/operators'
import t, { type Test } from 'tap'

const policy = `mode: warn
rules:
- name: lab
  verdict: approve
  quota: 3
  when: machine.serial == "SN-1"
- name: office
  verdict: approve
  between: { from: "08:00", to: "18:00", days: [wed] }
  when: code.name == "node-2" && inCidr(seen.address, "10.0.0.0/8")
- name: strangers
  verdict: reject
  when: machine.os.startsWith("plan9")
`

const machine = (id: string, more: object = {}, facts: object = {}) => ({
  ...enrolment,
  id,
  name: `node-${id}`,
  preflight: [],
  ...more,
  facts: { ...enrolment.facts, ...facts }
})

const one = machine('1')
const two = machine('2', { code: 'c2' }, { serial: 'SN-2' })
const three = machine('3', {}, { serial: 'SN-3', os: 'plan9\u001b[2J' })

const files = (t: Test, more: Record<string, string> = {}) => {
  const folder = t.testdir({ 'policy.yaml': policy, ...more })
  return { file: join(folder, 'policy.yaml'), path: (name: string) => join(folder, name) }
}

t.test('without machines the policy is checked, and its rules are shown', async (t) => {
  const { file } = files(t)
  const { exitCode, out, err } = await runWith(['policy', 'test', '--file', file])
  t.equal(exitCode, 0, err)
  t.matchOnly(out.split('\n'), [
    /^RULE +VERDICT +ROLES +QUOTA +BETWEEN +RESTS ON$/,
    /^lab +approve +worker +3 an hour +- +claims of the machine alone$/,
    /^office +approve +worker +- +wed 08:00-18:00 UTC +what the server saw or gave$/,
    /^strangers +reject +worker,control-plane +- +- +-$/,
    ''
  ])
  t.match(err, /^These rules ask about the code, and approve only if it is proof \(.*--proof.*\): office$/m)
  t.match(err, /^The policy is right. Its mode is warn, its hash is sha256:[0-9a-f]{64}$/m)
})

t.test('a policy that is wrong ends with 7, and each fault with its place', async (t) => {
  const { file } = files(t, {
    'policy.yaml': policy.replace('machine.serial', 'machine.cereal').replace('machine.os', 'os')
  })
  const { exitCode, out, err } = await runWith(['policy', 'test', '--file', file])
  t.equal(exitCode, 7)
  t.equal(out, '')
  t.match(err, 'policy.yaml:6:9: rule lab: there is no variable machine.cereal')
  t.match(err, 'policy.yaml:13:9: rule strangers: there is no variable os')
})

t.test('files of enrolments and codes are judged without a server', async (t) => {
  const { file, path } = files(t, {
    'list.json': JSON.stringify({ items: [one, two] }),
    'three.json': JSON.stringify({ ...detail, ...three }),
    'codes.json': JSON.stringify([{ ...code, id: 'c2', name: 'node-2', proof: true }]),
    'before.json': JSON.stringify([{ ...code, id: 'c2', name: 'node-2' }])
  })
  const inputs = ['list.json', 'three.json'].flatMap((name) => ['--input', path(name)])
  const { exitCode, out, err } = await runWith(['policy', 'test', '--file', file, ...inputs])
  t.equal(exitCode, 0, err)
  t.matchOnly(out.split('\n'), [
    /^NAME +STATE +VERDICT +RULE +WHY$/,
    /^node-1 +pending +approve +lab +rule lab holds, only by what the machine claims$/,
    /^node-2 +pending +hold +office +rule office could not be evaluated: .*the code is not known, and the rule asks for code.name/,
    /^node-3 +pending +hold +office +rule office could not be evaluated/,
    ''
  ])
  t.match(err, /^Nothing was decided. The mode of this policy is warn/)
  const known = await runWith(['policy', 'test', '--file', file, ...inputs, '--input', path('codes.json')])
  t.match(known.out, /^node-2 +pending +approve +office +rule office holds$/m)
  const before = await runWith(['policy', 'test', '--file', file, ...inputs, '--input', path('before.json')])
  t.match(before.out, /^node-2 +pending +hold +office +.*its code is no proof/m, 'a code of before is none')
})

t.test('json has each ruling', async (t) => {
  const { file, path } = files(t, { 'one.json': JSON.stringify(one) })
  const { out } = await runWith(['policy', 'test', '--file', file, '--input', path('one.json'), '-o', 'json'])
  t.match(JSON.parse(out), {
    policy: { mode: 'warn', hash: /^sha256:/ },
    items: [
      { id: '1', name: 'node-1', role: 'worker', state: 'pending', verdict: 'approve', rule: 'lab', claimsOnly: true }
    ]
  })
})

t.test('a file that has something else ends with 2', async (t) => {
  const { file, path } = files(t, {
    'a.json': '{"id": 1}',
    'b.json': '{',
    'c.json': JSON.stringify({ ...one, facts: {} })
  })
  for (const [name, fault] of [
    ['a.json', /neither an enrolment nor a code/],
    ['b.json', /is no JSON/],
    ['c.json', /neither an enrolment nor a code: \/facts/],
    ['gone.json', /gone.json/]
  ] as const) {
    const { exitCode, err } = await runWith(['policy', 'test', '--file', file, '--input', path(name)])
    t.equal(exitCode, 2, name)
    t.match(err, fault, name)
  }
})

t.test('machines of the server are judged as it has them, and nothing is decided', async (t) => {
  const { file } = files(t)
  const answers = {
    list: () => ({ items: [one, two, three] }),
    show: () => ({ ...two, timeline: [] }),
    listCodes: () => ({ items: [code, { ...code, id: 'c2', name: 'node-2', proof: true }] })
  }
  const all = await joinery(t, answers, 'policy', 'test', '--file', file, '--all')
  t.equal(all.exitCode, 0, all.err)
  t.match(all.out, /^node-1 +pending +approve +lab /m)
  t.match(all.out, /^node-2 +pending +approve +office /m)
  t.match(all.out, /^node-3 +pending +reject +strangers /m)
  t.notMatch(all.out, '\u001b', 'a machine steers no terminal')
  t.same(
    all.calls.map(({ route }) => route),
    ['list', 'listCodes']
  )
  t.match(all.calls[0], { query: { state: 'pending' } })
  const named = await joinery(t, answers, 'policy', 'test', '--file', file, 'node-2')
  t.match(named.out, /^node-2 +pending +approve +office /m)
  t.equal((await joinery(t, answers, 'policy', 'test', '--file', file, '--all', 'node-2')).exitCode, 2)
})

t.test('the policy of the server is shown, with what is left of its quotas, and why its file is wrong', async (t) => {
  const counts = {
    file: '/etc/joinery/policy.yaml',
    mode: 'enforce',
    hash: 'sha256:00',
    rules: [
      { name: 'lab', verdict: 'approve', quota: 3, approved: 2 },
      { name: 'office', verdict: 'approve', needsProof: true, withoutProof: 2 },
      { name: 'strangers', verdict: 'reject' }
    ]
  }
  const shown = await joinery(t, { status: () => ({ ...status, policy: counts }) }, 'policy', 'show')
  t.equal(shown.exitCode, 0, shown.err)
  t.matchOnly(shown.out.split('\n'), [
    /^RULE +VERDICT +QUOTA +LEFT +WITHOUT PROOF$/,
    /^lab +approve +3 an hour +1 +-$/,
    /^office +approve +- +- +2 waiting$/,
    /^strangers +reject +- +- +-$/,
    ''
  ])
  t.match(shown.err, 'Its mode is enforce, its hash is sha256:00')
  const wrong = { ...counts, trouble: ['policy.yaml:1: mode: is missing'] }
  const also = await joinery(t, { status: () => ({ ...status, policy: wrong }) }, 'policy', 'show')
  t.equal(also.exitCode, 7)
  t.match(also.err, 'policy.yaml:1: mode: is missing')
  t.match(also.out, /^lab /m, 'the last right one is shown')
  const none = await joinery(t, { status: () => status }, 'policy', 'show')
  t.equal(none.exitCode, 3)
  t.match(none.err, 'no policy')
  const json = await joinery(t, { status: () => ({ ...status, policy: counts }) }, 'policy', 'show', '-o', 'json')
  t.same(JSON.parse(json.out), counts)
  const all = await joinery(t, { status: () => ({ ...status, policy: wrong }) }, 'status')
  t.match(all.out, /^Policy: +enforce, 3 rules, sha256:00; the file is wrong$/m)
})
