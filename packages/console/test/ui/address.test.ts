import { fc } from '@joinery/testing/chance/drawn'
import t from 'tap'
import type { ConsoleSession } from '../../src/contract.ts'
import {
  type Address,
  chosenAtMost,
  filtered,
  pageNames,
  readAddress,
  titleOf,
  writeAddress
} from '../../src/ui/model/address.ts'

const read = (link: string): Address => readAddress(new URL(link, 'http://console'))

const links: [link: string, address: Address][] = [
  ['/', { page: 'waiting', chosen: [] }],
  ['/machines', { page: 'machines', chosen: [] }],
  ['/machines/e1', { page: 'machines', open: 'e1', chosen: [] }],
  ['/codes/new', { page: 'codes', open: 'new', chosen: [] }],
  ['/waiting?selected=e1,e2', { page: 'waiting', chosen: ['e1', 'e2'] }],
  [
    '/machines?state=pending,frozen&role=worker&code=c1&text=rack+r7',
    { page: 'machines', chosen: [], state: 'pending,frozen', role: 'worker', code: 'c1', text: 'rack r7' }
  ]
]

t.test('a link says page, filters and selection, and is the same again', async (t) => {
  for (const [link, address] of links) {
    t.same(read(link), address, link)
    if (link !== '/') t.equal(writeAddress(address), link)
  }
})

const strange: [link: string, address: Address][] = [
  ['/nothing/e1', { page: 'waiting', chosen: [] }],
  ['/machines/%E0%A4%A', { page: 'machines', chosen: [] }],
  ['/machines?state=&color=red', { page: 'machines', chosen: [] }],
  ['/waiting?selected=,e1,,e1', { page: 'waiting', chosen: ['e1'] }],
  ['//evil.example/machines', { page: 'machines', chosen: [] }]
]

t.test('what a link says that nobody understands is left out', async (t) => {
  for (const [link, address] of strange) t.same(read(link), address, link)
  t.equal(read(`/machines?text=${'x'.repeat(9999)}`).text?.length, 253)
  const many = Array.from({ length: chosenAtMost + 50 }, (_, index) => `e${index}`)
  t.equal(read(`/waiting?selected=${many.join(',')}`).chosen.length, chosenAtMost)
})

t.test('any address comes back from its link', async () => {
  const word = fc
    .string({ minLength: 1, maxLength: 40 })
    .filter((text) => text.isWellFormed() && !/^\.{1,2}$/.test(text))
  const id = fc.uuid()
  const addresses = fc.record(
    {
      page: fc.constantFrom(...pageNames),
      chosen: fc.uniqueArray(id, { maxLength: 5 }),
      open: word,
      state: word,
      role: word,
      code: word,
      text: word
    },
    { requiredKeys: ['page', 'chosen'] }
  )
  fc.assert(fc.property(addresses, (address) => t.same(read(writeAddress(address)), address)))
})

t.test('another filter closes what was open, and keeps the other filters', async (t) => {
  const before: Address = { page: 'machines', open: 'e1', chosen: ['e1'], state: 'ready', text: 'r7' }
  t.same(filtered(before, 'state', 'failed'), { page: 'machines', chosen: [], state: 'failed', text: 'r7' })
  t.same(filtered(before, 'text', undefined), { page: 'machines', chosen: [], state: 'ready' })
})

const socket: ConsoleSession['door'] = { to: 'socket', path: '/run/joinery/operator.sock' }
const cluster: ConsoleSession['door'] = { to: 'cluster', server: 'api.example:6443' }

const titles: readonly [about: Parameters<typeof titleOf>[2], waiting: number, title: string][] = [
  [undefined, 0, 'Codes · Joinery'],
  [undefined, 2, '(2) Codes · Joinery'],
  [{ name: 'cp-1', door: socket }, 0, 'cp-1 · Codes'],
  [{ name: 'prod', door: cluster }, 3, '(3) prod · Codes · api.example:6443'],
  [{ name: 'pr\u043ed\u202e', door: cluster }, 0, 'pr\\u{43e}d\\u{202e} · Codes · api.example:6443']
]

for (const [about, waiting, title] of titles) {
  t.test(`a tab is called ${title}`, async (t) => {
    t.equal(titleOf('codes', waiting, about), title)
  })
}
