import t from 'tap'
import type { AuthorityWord } from '../../../src/core/leadership/authority-word.ts'
import { aheadOf, decideFinish, standsBy, type WatchedServer } from '../../../src/core/leadership/decide-rotation.ts'

const pin = (digit: string): string => `sha256:${digit.repeat(64)}`
const old: AuthorityWord = { pin: pin('a'), from: 1 }
const both = { ...old, next: pin('b') }
const rotated: AuthorityWord = { pin: pin('b'), from: 2 }
const other = { ...old, next: pin('c') }
const ofOther: AuthorityWord = { pin: pin('c'), from: 3 }

/** Another server of which these words were heard. */
const server = (name: string, word: AuthorityWord | undefined, isThere?: boolean): WatchedServer => ({
  url: `https://${name}:7443`,
  word,
  isThere
})

const finishes: [what: string, others: WatchedServer[], away: string[], expected: string][] = [
  ['there is no other server', [], [], 'finish'],
  ['all have it, whether they are there or not', [server('b', both, true), server('c', both, false)], [], 'finish'],
  ['all have it, at the first look', [server('b', both), server('c', both)], [], 'finish'],
  ['one that is there lacks it', [server('b', both, true), server('c', old, true)], [], 'refuse c'],
  ['two that are there lack it', [server('b', old, true), server('c', undefined, true)], [], 'refuse b c'],
  ['one of a version from before is there', [server('b', undefined, true)], [], 'refuse b'],
  ['one lacks it, and nobody knows yet whether it is there', [server('b', old)], [], 'wait'],
  ['one lacks it and is there, of another nobody knows', [server('b', old), server('c', old, true)], [], 'refuse c'],
  ['one lacks it, and is away', [server('b', both, true), server('c', old, false)], [], 'finish without c'],
  ['one has another next CA', [server('b', other, true)], [], 'refuse b'],
  ['root says of one that it is away', [server('b', both), server('c', old, true)], ['c'], 'finish without c'],
  ['root says so of another one', [server('c', old, true)], ['b'], 'refuse c'],
  ['another one has done it', [server('b', rotated, true), server('c', old, true)], [], 'finish without c'],
  [
    'another one has done it, and is away',
    [server('b', rotated, false), server('c', old, true)],
    [],
    'finish without c'
  ],
  [
    'the one that has done it is said to be away',
    [server('b', rotated), server('c', old, true)],
    ['b'],
    'finish without c'
  ],
  ['another one serves by a CA that is not this one', [server('b', ofOther, false)], [], 'refuse b'],
  ['the same, beside one that has done it', [server('b', ofOther), server('c', rotated, true)], [], 'refuse b'],
  ['root says that this one is away', [server('b', ofOther, false), server('c', both)], ['b'], 'finish without b']
]
for (const [what, others, away, expected] of finishes)
  t.test(`the next CA is put in place: ${what}`, async (t) => {
    const act = decideFinish(
      both,
      others,
      away.map((name) => `https://${name}:7443`)
    )
    const names = (urls: string[]): string => urls.map((url) => ` ${new URL(url).hostname}`).join('')
    const said =
      act.act === 'refuse'
        ? `refuse${names(act.lacking)}`
        : act.act === 'finish' && act.lack.length > 0
          ? `finish without${names(act.lack)}`
          : act.act
    t.equal(said, expected)
  })

const standing: [what: string, own: AuthorityWord, others: WatchedServer[], expected: RegExp | undefined][] = [
  ['it is alone', old, [], undefined],
  ['a rotation has begun', old, [server('b', both, true)], undefined],
  ['all have the next CA', both, [server('b', both, true)], undefined],
  [
    'another one has put it in place',
    both,
    [server('b', both), server('c', rotated, true)],
    /^https:\/\/c:7443 serves by the next CA.*joinery-server rotate-ca --finish && systemctl start/
  ],
  ['it has put it in place itself', rotated, [server('b', both), server('c', old)], undefined],
  [
    'it missed the rotation',
    old,
    [server('b', rotated)],
    /^the CA was rotated without this host: on the host of https:\/\/b:7443 .*keys export.*init --keys/
  ],
  ['it has another next CA', other, [server('b', rotated)], /^the CA was rotated without this host/],
  ['another one says nothing of its CA', old, [server('b', undefined)], undefined]
]
for (const [what, own, others, expected] of standing)
  t.test(`a server that may not be the active one: ${what}`, async (t) => {
    const reason = standsBy(own, others)
    if (expected === undefined) t.equal(reason, undefined)
    else t.match(reason, expected)
  })

t.test('a server that another one is ahead of', async (t) => {
  t.equal(aheadOf(old, [server('b', old), server('c', both)])?.url, 'https://c:7443')
  t.equal(aheadOf(both, [server('b', old), server('c', both), server('d', undefined)]), undefined)
  t.equal(aheadOf(both, [server('c', rotated)]), undefined)
  t.equal(aheadOf(rotated, [server('c', both)]), undefined)
})
