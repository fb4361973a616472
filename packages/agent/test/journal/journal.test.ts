import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesUnder } from '@joinery/host/files'
import t from 'tap'
import { type Journal, JournalFile } from '../../src/journal/journal.ts'

const state = '/var/lib/joinery-agent'

t.test('a machine that has begun nothing has an empty journal', async (t) => {
  t.same(await new JournalFile(filesUnder(t.testdir({})), state).read(), {})
})

t.test('the next agent reads the journal as it was written, and only root can read it', async (t) => {
  const root = t.testdir({})
  const journals: Journal[] = [
    { attempt: { number: 1, nodeName: 'worker-1', bootId: 'boot' } },
    {
      attempt: {
        number: 1,
        nodeName: 'worker-1',
        bootId: 'boot',
        phases: [{ name: 'preflight', stage: '[preflight] Running pre-flight checks', ended: false }],
        failure: { class: 'machine', stage: '', output: ['error'] },
        reported: true
      },
      failures: [
        { attempt: 1, failure: { class: 'machine', stage: '', cause: 'no', remedy: ['swapoff -a'], output: [] } }
      ]
    },
    {},
    { accepted: true },
    { joined: { nodeName: 'worker-1', certificate: { fingerprint: `sha256:${'a'.repeat(64)}`, serial: '01' } } }
  ]
  for (const journal of journals) {
    await new JournalFile(filesUnder(root), state).write(journal)
    t.same(await new JournalFile(filesUnder(root), state).read(), journal, JSON.stringify(journal))
  }
  t.equal((await stat(join(root, state, 'journal.json'))).mode & 0o777, 0o600)
})

t.test('a power cut in the middle of a write leaves the journal of before', async (t) => {
  const root = t.testdir({})
  const journal = new JournalFile(filesUnder(root), state)
  await journal.write({ accepted: true })
  await writeFile(join(root, state, 'journal.json.new'), '{"attempt":')
  t.same(await journal.read(), { accepted: true })
  await journal.write({})
  t.same(await journal.read(), {})
})

t.test('the error about a damaged journal names its file', async (t) => {
  const files = filesUnder(t.testdir({}))
  for (const text of ['{', 'null', '']) {
    await files.write(`${state}/journal.json`, text, 0o600)
    await t.rejects(
      new JournalFile(files, state).read(),
      { message: /^\/var\/lib\/joinery-agent\/journal\.json: / },
      JSON.stringify(text)
    )
  }
})

const machine = (machineId: string) => ({ etc: { 'machine-id': `${machineId}\n` } })
const begun: Journal = { attempt: { number: 1, nodeName: 'worker-1', bootId: 'boot' } }

t.test('a copy of the disk has an empty journal, and keeps its own from then on', async (t) => {
  const root = t.testdir({ original: machine('a'), copy: machine('b') })
  const [original, copy] = [filesUnder(join(root, 'original')), filesUnder(join(root, 'copy'))]
  await new JournalFile(original, state).write(begun)
  const written = (await original.read(`${state}/journal.json`)) ?? ''
  await copy.write(`${state}/journal.json`, written, 0o600)
  const journal = new JournalFile(copy, state)
  t.same(await journal.read(), {})
  t.same(await journal.readAny(), { journal: begun, own: false })
  await journal.write({ accepted: true })
  t.same(await journal.read(), { accepted: true })
  t.same(await journal.readAny(), { journal: { accepted: true }, own: true })
})

t.test('a journal of a version that did not note the machine belongs to this machine', async (t) => {
  const files = filesUnder(t.testdir(machine('a')))
  await files.write(`${state}/journal.json`, JSON.stringify(begun), 0o600)
  const journal = new JournalFile(files, state)
  t.same(await journal.read(), begun)
  t.same(await journal.readAny(), { journal: begun, own: true })
})
