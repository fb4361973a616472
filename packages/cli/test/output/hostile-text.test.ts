import type { EnrolmentDetail } from '@joinery/protocol'
import { detail, facts, otherKey, status } from '@joinery/testing/command/fixtures'
import { joinery } from '@joinery/testing/command/operators'
import t from 'tap'
import { parse as parseYaml } from 'yaml'

/** Clears a screen, sets a title, in 7 and 8 bits; rings, breaks lines, and turns the direction of reading. */
const evil = 'x\x1b[2J\x1b]0;owned\x07\x9b31m\r\nnode-9   ready\u202e\u{1f4a9}'
const inert = 'x\\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{9b}31m\\u{d}\\u{a}node-9   ready\\u{202e}\\u{1f4a9}'

const hostile: EnrolmentDetail = {
  ...detail,
  name: evil,
  message: evil,
  nameConflict: evil,
  address: evil,
  facts: { ...facts, hostname: evil, macs: [evil], addresses: [evil], os: evil, runtime: evil },
  preflight: [{ name: evil, verdict: 'fail', finding: evil, why: evil, remedy: [evil] }],
  conflicts: [{ key: otherKey, address: evil, at: detail.created, facts: { ...facts, machineId: evil } }],
  attempts: [{ number: 1, tokenId: evil, claimed: detail.created, deadline: evil, stage: evil, failure: evil }],
  node: { uid: evil, registered: detail.created, condition: 'NotReady', message: evil },
  timeline: [{ at: evil, actor: evil, event: evil, detail: evil, alert: true }]
}
const { timeline: _, ...listed } = hostile

const commandLines = [
  ['list'],
  ['show', 'node-1'],
  ['approve', 'node-1', '--yes'],
  ['reject', 'node-1', '--reason', 'x'],
  ['release', 'node-1', '--key', otherKey],
  ['retry', 'node-1', '--yes']
]
const answers = {
  list: () => ({ items: [listed] }),
  show: () => hostile,
  approve: () => listed,
  reject: () => listed,
  release: () => listed,
  retry: () => listed
}

for (const words of commandLines) {
  t.test(`${words[0]} shows text from a machine without obeying it`, async (t) => {
    const { out, err, exitCode } = await joinery(t, answers, ...words)
    t.notMatch(out + err, /[^\n\x20-\x7e]/)
    t.match(out, inert)
    t.equal(exitCode, 0)
  })
  const formats: [string, (text: string) => unknown][] = [
    ['json', JSON.parse],
    ['yaml', parseYaml]
  ]
  for (const [format, parse] of formats) {
    t.test(`${words[0]} -o ${format} keeps text from a machine, escaped`, async (t) => {
      const { out } = await joinery(t, answers, ...words, '-o', format)
      t.notMatch(out, /[^\n\x20-\x7e]/)
      t.match(JSON.stringify(parse(out)), JSON.stringify(evil))
    })
  }
  t.test(`${words[0]} -o name prints the id in place of a broken name`, async (t) => {
    const { out } = await joinery(t, answers, ...words, '-o', 'name')
    t.equal(out, 'enrolment/e1\n')
  })
}

t.test('list -o wide shows text from a machine without obeying it', async (t) => {
  const { out } = await joinery(t, answers, 'list', '-o', 'wide')
  t.notMatch(out, /[^\n\x20-\x7e]/)
  t.match(out, inert)
})

t.test('status shows text from a cluster without obeying it', async (t) => {
  const trouble = { since: detail.created, reason: evil }
  const { out } = await joinery(t, { status: () => ({ ...status, cluster: { trouble }, remedies: [evil] }) }, 'status')
  t.notMatch(out, /[^\n\x20-\x7e]/)
  t.match(out, inert)
})

t.test('an error that quotes a machine is inert as well', async (t) => {
  const { err } = await joinery(t, { list: () => ({ items: [] }) }, 'show', evil)
  t.equal(err, `error: no enrolment is called ${inert} (not-found)\n`)
})
