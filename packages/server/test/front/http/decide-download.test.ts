import t from 'tap'
import { decideDownload } from '../../../src/front/http/decide-download.ts'

t.test('a machine begins to fetch, is refused, or takes the place of an address that has most', async (t) => {
  for (const [running, group, decided] of [
    ['', 'a', 'begin'],
    ['aa', 'a', 'begin'],
    ['aaa', 'a', 'refuse'],
    ['aaabbb', 'a', 'refuse'],
    ['aaabb', 'c', 'begin'],
    ['baaabb', 'c', 0],
    ['aaabbc', 'c', 0],
    ['baaabc', 'c', 1],
    ['aabbcc', 'd', 0],
    ['aabbcd', 'd', 'refuse'],
    ['abcdef', 'g', 'refuse']
  ] as const) {
    const downloads = [...running].map((one) => ({ group: one }))
    const expected = typeof decided === 'number' ? { makesRoom: downloads[decided] } : decided
    const found = decideDownload(downloads, group, { all: 6, ofAddress: 3 })
    t.same(found, expected, `${running} and ${group}`)
    if (typeof found === 'object') t.equal(found.makesRoom, downloads[Number(decided)], 'the oldest of that address')
  }
})
