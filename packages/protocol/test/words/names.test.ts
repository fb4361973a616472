import t from 'tap'
import { isNamePattern, numberedName } from '../../src/words/names.ts'

const patterns: [string, boolean][] = [
  ['worker-{n}', true],
  ['{n}', true],
  ['edge{n}.example.org', true],
  [`${'x'.repeat(58)}{n}`, true],
  [`${'x'.repeat(59)}{n}`, false],
  ['worker-1', false],
  ['worker-{n}-{n}', false],
  ['worker-{N}', false],
  ['worker-{}', false],
  ['worker-{{n}}', false],
  ['Worker-{n}', false],
  ['-{n}', false],
  ['worker {n}', false],
  ['', false]
]
for (const [text, is] of patterns) {
  t.test(`"${text}" is ${is ? 'a' : 'not a'} pattern of names`, async (t) => t.equal(isNamePattern(text), is))
}

t.test('a number takes the place of {n}', async (t) => {
  t.equal(numberedName('edge-{n}.example.org', 12), 'edge-12.example.org')
})
