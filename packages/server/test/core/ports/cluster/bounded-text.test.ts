import t from 'tap'
import { boundedText } from '../../../../src/core/ports/cluster/bounded-text.ts'

t.test('a text is cut at 1 KB, with a mark, and between two characters', async (t) => {
  for (const [text, cut] of [
    ['', ''],
    ['a'.repeat(1024), 'a'.repeat(1024)],
    ['a'.repeat(1025), `${'a'.repeat(1021)}...`],
    ['é'.repeat(512), 'é'.repeat(512)],
    ['é'.repeat(513), `${'é'.repeat(510)}...`],
    ['😀'.repeat(100_000), `${'😀'.repeat(255)}...`],
    [`a${'😀'.repeat(600)}`, `a${'😀'.repeat(255)}...`]
  ] as const) {
    t.equal(boundedText(text), cut, text.slice(0, 4))
  }
})
