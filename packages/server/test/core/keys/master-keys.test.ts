import t from 'tap'
import { masterKeyFile } from '../../../src/core/keys/key-files.ts'
import { MasterKeys } from '../../../src/core/keys/master-keys.ts'

const first = { file: 'master.key', key: new Uint8Array(32).fill(1) }
const later = (place: number) => {
  const key = new Uint8Array(32).fill(place)
  return { file: masterKeyFile(place, key), key }
}

t.test('a server with its first master key names it nowhere', (t) => {
  const keys = new MasterKeys([first])
  t.equal(keys.newest, undefined)
  t.equal(keys.of(undefined), first.key)
  t.equal(keys.of('2-0000000000000000'), undefined)
  t.same(keys.older, [])
  t.end()
})

t.test('new attempts name the key that was made last, and each key is found by its name', (t) => {
  // as a folder lists them: 10 before 2
  const [two, ten] = [later(2), later(10)]
  const keys = new MasterKeys([ten, two, first])
  t.match(keys.newest, /^10-[0-9a-f]{16}$/)
  t.equal(keys.of(keys.newest), ten.key)
  t.equal(keys.of(undefined), first.key)
  t.same(keys.older, [first, two])
  keys.forget(first)
  t.equal(keys.of(undefined), undefined, 'a key that is gone is not replaced by another one')
  t.same(keys.older, [two])
  t.end()
})
