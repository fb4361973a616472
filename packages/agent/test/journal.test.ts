import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type Journal, JournalFile } from '../src/journal.ts'
import { filesUnder } from '../src/machine/files.ts'

const state = '/var/lib/joinery-agent'

t.test('a machine that has begun nothing has an empty journal', async (t) => {
  t.same(await new JournalFile(filesUnder(t.testdir({})), state).read(), {})
})

t.test('what is written is read again, by the next agent too, and by root alone', async (t) => {
  const root = t.testdir({})
  const journals: Journal[] = [
    { attempt: { number: 1, nodeName: 'worker-1', bootId: 'boot' } },
    {
      attempt: {
        number: 1,
        nodeName: 'worker-1',
        bootId: 'boot',
        failure: { class: 'machine', stage: '', output: ['error'] },
        reported: true
      }
    },
    {},
    { accepted: true }
  ]
  for (const journal of journals) {
    await new JournalFile(filesUnder(root), state).write(journal)
    t.same(await new JournalFile(filesUnder(root), state).read(), journal)
  }
  t.equal((await stat(join(root, state, 'journal.json'))).mode & 0o777, 0o600)
})

t.test('a power cut in the middle of a write leaves the one before', async (t) => {
  const root = t.testdir({})
  const journal = new JournalFile(filesUnder(root), state)
  await journal.write({ accepted: true })
  await writeFile(join(root, state, 'journal.json.new'), '{"attempt":')
  t.same(await journal.read(), { accepted: true })
  await journal.write({})
  t.same(await journal.read(), {})
})

t.test('a journal that somebody damaged is told by its name', async (t) => {
  const files = filesUnder(t.testdir({}))
  await files.write(`${state}/journal.json`, '{', 0o600)
  await t.rejects(new JournalFile(files, state).read(), { message: /^\/var\/lib\/joinery-agent\/journal\.json: / })
})
