import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Remembered, readMemory, recall, refusesFlake, writeMemory } from './memory.ts'

const one = (name: string, isNamed: boolean): Remembered => ({ name, commit: '12345678', date: '2026-12-01', isNamed })

t.test('a name waits until the ledger has it, and is forgotten once the ledger has it no more', async (t) => {
  const isWorkedOff = ({ name }: Remembered): boolean => name === 'mended'
  const rows: [string, memory: Remembered[], open: string[], expected: Remembered[]][] = [
    ['nothing is known', [], [], []],
    ['only the ledger has it', [], ['a'], []],
    ['nobody has named it: the run is red', [one('a', false)], ['b'], [one('a', false)]],
    ['it is named', [one('a', false)], ['a'], [one('a', true)]],
    ['it is still named', [one('a', true)], ['b', 'a'], [one('a', true)]],
    ['its cause is gone', [one('a', true), one('b', false)], [], [one('b', false)]],
    ['it was named and mended between two runs', [one('mended', false), one('b', false)], [], [one('b', false)]],
    ['it was mended, and named anew', [one('mended', false)], ['mended'], [one('mended', true)]]
  ]
  for (const [row, memory, open, expected] of rows) t.same(recall(memory, open, isWorkedOff), expected, row)
})

t.test('a name passes once, unless the ledger has it', async (t) => {
  const rows: [string, open: string[], memory: Remembered[], why: RegExp | undefined][] = [
    ['nobody knows it', ['b'], [one('c', false)], undefined],
    ['the ledger has it', ['a'], [], /flakes\.md has a/],
    ['the ledger has it, and the memory', ['a'], [one('a', true)], /flakes\.md has a/],
    ['the memory alone has it', [], [one('a', false)], /at 12345678 on 2026-12-01/]
  ]
  for (const [row, open, memory, why] of rows) {
    const refusal = refusesFlake('a', open, memory)
    if (why === undefined) t.equal(refusal, undefined, row)
    else t.match(refusal, why, row)
  }
})

t.test('the memory is a file that is written as a whole, and holds a bounded number', async (t) => {
  const folder = join(t.testdir(), 'cache')
  const file = join(folder, 'flakes.json')
  t.same(await readMemory(file), { memory: [] }, 'no file')
  const many = Array.from({ length: 150 }, (_, at) => one(`${at}`, false))
  await writeMemory(file, many)
  t.same(await readMemory(file), { memory: many.slice(-100) })
  t.same(readdirSync(folder), ['flakes.json'])
})

t.test('a broken memory is told, and remembers nothing', async (t) => {
  const file = join(t.testdir(), 'flakes.json')
  for (const text of ['', '{', '{}', '[null]', '["a"]', '[{ "name": "a" }]']) {
    writeFileSync(file, text)
    t.match(await readMemory(file), { memory: { length: 0 }, broken: file }, text)
  }
  mkdirSync(join(t.testdirName, 'folder'))
  t.match(await readMemory(join(t.testdirName, 'folder')), { memory: { length: 0 }, broken: 'EISDIR' })
})
