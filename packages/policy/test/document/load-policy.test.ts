import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WorkerEngine } from '../../src/cel/engine.ts'
import { loadPolicy } from '../../src/document/load-policy.ts'
import { readOwnersText, readText } from '../../src/document/read-text.ts'
import { limits } from '../../src/words/limits.ts'

const engine = new WorkerEngine()
t.teardown(() => engine.close())

/** Loads a policy that lies in a folder with these other files. */
const load = async (t: Test, text: string, others: Record<string, string> = {}) => {
  const folder = t.testdir({ 'policy.yaml': text, ...others })
  const file = join(folder, 'policy.yaml')
  const loaded = await loadPolicy(file, engine, readText)
  return {
    folder,
    file,
    loaded,
    problems: 'problems' in loaded ? loaded.problems.map((one) => one.replaceAll(`${folder}/`, '')) : []
  }
}

const whole = `mode: enforce
inventories:
  rack7: { file: rack7.txt }
  lab: { values: [AB-1] }
rules:
- name: rack-7
  verdict: approve
  when: inInventory(machine.serial, "rack7") && inCidr(seen.address, "10.7.0.0/16")
  between: { from: "08:00", to: "18:00", days: [mon, tue] }
- name: lab
  verdict: approve
  quota: 3
  when: |
    inInventory(machine.serial, "lab") &&
      machine.cpus > 1
- name: strangers
  verdict: reject
  reason: not one of ours
  when: '!inCidr(seen.address, "10.0.0.0/8")'
`

t.test('a policy is read with its inventories, and its hash is that of its files', async (t) => {
  const rack7 = '# rack 7\n\n SN-1 \nSN-2\n'
  const { loaded, folder, file } = await load(t, whole, { 'rack7.txt': rack7 })
  t.same(loaded.files, [file, join(folder, 'rack7.txt')])
  t.match(loaded, {
    policy: {
      mode: 'enforce',
      hash: `sha256:${createHash('sha256')
        .update(whole + rack7)
        .digest('hex')}`,
      rules: [
        { name: 'rack-7', roles: ['worker'], claimsOnly: false, needsProof: false },
        { name: 'lab', roles: ['worker'], claimsOnly: true, quota: 3 },
        { name: 'strangers', roles: ['worker', 'control-plane'], claimsOnly: false }
      ]
    }
  })
})

t.test('a fault names rule, line and column, also in the lines of a block', async (t) => {
  const policy = whole
    .replace('machine.cpus > 1', 'machine.cpu > 1')
    .replace('seen.address, "10.7', 'seen.adress, "10.7')
  const { problems } = await load(t, policy, { 'rack7.txt': '' })
  t.match(problems, [
    /^policy.yaml:8:56: rule rack-7: there is no variable seen.adress/,
    /^policy.yaml:15:7: rule lab: there is no variable machine.cpu/
  ])
})

t.test('what is wrong with a policy is said at once, each with its line', async (t) => {
  const rows: [text: string, ...problems: RegExp[]][] = [
    ['mode: on\nrules: []\n', /^policy.yaml:1: mode: must be off or warn or enforce/],
    ['mode: warn\nrule: []\n', /^policy.yaml:2: rule: unknown key/, /rules: is missing/],
    ['mode: warn\nrules: [\n', /^policy.yaml:/],
    [
      'mode: warn\nrules:\n- {name: A, verdict: yes, when: "true"}\n',
      /^policy.yaml:3: rules.0.name: must be lower-case/,
      /^policy.yaml:3: rules.0.verdict: must be approve or hold or reject/
    ],
    [
      'mode: warn\nrules:\n- {name: a, verdict: hold, when: "true"}\n- {name: a, verdict: hold, when: "true"}\n',
      /^policy.yaml:4:4: rule a: an earlier rule has the same name/
    ],
    [
      'mode: warn\nrules:\n- {name: a, verdict: approve, when: "true"}\n',
      /^policy.yaml:3:4: rule a: .*it needs a quota$/
    ],
    [
      'mode: warn\nrules:\n- {name: a, verdict: approve, quota: 1, roles: [worker, control-plane], when: machine.serial == "x"}\n',
      /^policy.yaml:3:4: rule a: .*leave control-plane out of its roles$/
    ],
    ['mode: warn\nrules:\n- {name: a, verdict: hold, quota: 1, when: "true"}\n', /only an approval has a quota/],
    ['mode: warn\nrules:\n- {name: a, verdict: hold, reason: x, when: "true"}\n', /only a rejection has a reason/],
    [
      'mode: warn\nrules:\n- {name: a, verdict: hold, between: {from: "8:00", to: "24:00"}, when: "true"}\n',
      /rules.0.between.from: must be a time like 08:00/,
      /rules.0.between.to: must be a time like 08:00/
    ],
    ['mode: warn\ninventories: {a: {}}\nrules: []\n', /^policy.yaml:2: inventory a: has either values or a file/],
    ['mode: warn\ninventories: {A: {values: []}}\nrules: []\n', /^policy.yaml:2: inventory A: its name must be/],
    [
      'mode: warn\ninventories: {a: {file: gone.txt}}\nrules: []\n',
      /^policy.yaml:2: inventory a: gone.txt: there is no such file/
    ],
    ['mode: warn\ninventories: {__proto__: {values: []}}\nrules: []\n', /./]
  ]
  for (const [text, ...problems] of rows) t.match((await load(t, text)).problems, problems, text)
})

t.test('C1: only an approval that asks about the code wants it to be proof', async (t) => {
  const rows: [rule: string, needsProof: boolean][] = [
    ['verdict: approve, when: code.name.startsWith("rack7-")', true],
    ['verdict: approve, when: inCidr(seen.address, "10.7.0.0/16") && code.labels.rack == "r7"', true],
    ['verdict: approve, quota: 1, when: code.id != "" && machine.serial == "A"', true],
    ['verdict: approve, when: seen.key == "k" && code.role == "worker"', false],
    ['verdict: reject, when: code.name == "x"', false],
    ['verdict: hold, when: code.name == "x"', false]
  ]
  for (const [rule, needsProof] of rows) {
    const { loaded } = await load(t, `mode: warn\nrules:\n- {name: a, ${rule.replace(/when: (.*)$/, "when: '$1'")}}\n`)
    t.match(loaded, { policy: { rules: [{ needsProof, claimsOnly: rule.includes('quota') }] } }, rule)
  }
})

t.test('an approval of control planes needs more than claims, and may then be', async (t) => {
  const text = 'mode: warn\nrules:\n- {name: a, verdict: approve, roles: [control-plane], when: seen.key == "k"}\n'
  t.match((await load(t, text)).loaded, { policy: { rules: [{ roles: ['control-plane'], claimsOnly: false }] } })
})

t.test('a file that is not there, that is none, or that is too large is said', async (t) => {
  const folder = t.testdir({ 'large.yaml': ' '.repeat(limits.file + 1) })
  t.match(await loadPolicy(join(folder, 'gone.yaml'), engine, readText), { isGone: true, problems: [/no such file/] })
  t.match(await loadPolicy(folder, engine, readText), { isGone: false, problems: [/it is no file/] })
  t.match(await loadPolicy(join(folder, 'large.yaml'), engine, readText), { problems: [/has more than 262144 bytes/] })
})

t.test('the server reads no file that others may write', async (t) => {
  const file = join(t.testdir(), 'policy.yaml')
  writeFileSync(file, 'mode: warn\nrules: []\n')
  for (const [mode, isRead] of [
    [0o600, true],
    [0o644, true],
    [0o664, false],
    [0o646, false]
  ] as const) {
    chmodSync(file, mode)
    const loaded = await loadPolicy(file, engine, readOwnersText)
    t.equal('policy' in loaded, isRead, mode.toString(8))
    if (!isRead) t.match(loaded, { problems: [/others than its owner may write it: chmod go-w/] })
  }
})

t.test('an inventory has bounds', async (t) => {
  const policy = 'mode: warn\ninventories: {a: {file: a.txt}}\nrules: []\n'
  const many = `${'x\n'.repeat(limits.values + 1)}`
  t.match((await load(t, policy, { 'a.txt': many })).problems, [/has more than 10000 values/])
  t.match((await load(t, policy, { 'a.txt': 'x'.repeat(limits.value + 1) })).problems, [/a value of more than 253/])
})
