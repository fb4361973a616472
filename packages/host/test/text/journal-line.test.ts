import t from 'tap'
import { isJournal, journalLine } from '../../src/text/journal-line.ts'

t.test("a line has systemd's priority before it, whatever its text says", async (t) => {
  for (const [level, priority] of [
    [10, 7],
    [20, 7],
    [30, 6],
    [40, 4],
    [50, 3],
    [60, 2]
  ]) {
    t.equal(
      journalLine(`{"level":${level},"msg":"<0>"}\n`),
      `<${priority}>{"level":${level},"msg":"<0>"}\n`,
      `level ${level}`
    )
  }
  t.equal(journalLine('no JSON\n'), '<6>no JSON\n')
})

t.test('an output is the journal if systemd says that this output is', async (t) => {
  t.ok(isJournal({ JOURNAL_STREAM: '8:4711' }, { dev: 8, ino: 4711 }))
  t.notOk(isJournal({ JOURNAL_STREAM: '8:4711' }, { dev: 8, ino: 4712 }), 'a terminal in a shell below a service')
  t.notOk(isJournal({}, { dev: 8, ino: 4711 }))
})
