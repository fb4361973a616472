import { states } from '@joinery/protocol'
import { anAttempt, anEnrolment, type EnrolmentPart } from '@joinery/testing/documents/enrolment'
import t from 'tap'
import { sqliteStore } from '../../../src/adapters/sqlite/sqlite-store.ts'
import { makeLog } from '../../../src/core/base/log.ts'
import { masterKeyFile } from '../../../src/core/keys/key-files.ts'
import { MasterKeys } from '../../../src/core/keys/master-keys.ts'
import type { EnrolmentDocument } from '../../../src/core/ports/store/documents/enrolment-document.ts'
import { OldMasterKeys, unneeded } from '../../../src/core/retention/old-master-keys.ts'

const keyOf = (place: number) => {
  const key = new Uint8Array(32).fill(place)
  return { file: place === 1 ? 'master.key' : masterKeyFile(place, key), key }
}
const [first, second, third] = [keyOf(1), keyOf(2), keyOf(3)]
const idOf = (file: string): string => file.replace(/^master-(.*)\.key$/, '$1')

const joining = (id: string, masterKey?: string, part: EnrolmentPart = {}) =>
  anEnrolment(
    id,
    {
      state: 'joining',
      name: id,
      key: id,
      join: { attempts: [anAttempt('abc123', masterKey === undefined ? {} : { masterKey })] }
    },
    part
  )

t.test('a master key is needed while an open attempt names it, and no longer', (t) => {
  const keys = [first, second]
  t.same(unneeded(keys, []), keys)
  t.same(unneeded(keys, [joining('a')]), [second], 'an attempt without a name is of the first key')
  t.same(unneeded(keys, [joining('a', idOf(second.file))]), [first])
  t.same(unneeded(keys, [joining('a'), joining('b', idOf(second.file))]), [])
  t.same(unneeded(keys, [joining('a', idOf(third.file))]), keys)
  for (const state of states.filter((one) => one !== 'joining')) {
    t.same(unneeded(keys, [joining('a', undefined, { state })]), keys, `an attempt that is over, in ${state}`)
  }
  const { tokenId: _, ...withoutToken } = anAttempt('abc123')
  const certificate = { join: { attempts: [{ ...withoutToken, credentialCsr: 'joinery-a-1' }] } }
  t.same(unneeded(keys, [joining('a', undefined, certificate)]), keys, 'a certificate is made from no master key')
  t.end()
})

/** Housekeeping over a store in memory; a removal that is told to fail does. */
const over = (masterKeys: MasterKeys) => {
  const store = sqliteStore(':memory:')
  const removed: string[] = []
  const world = { fails: false, isTold: true }
  const old = new OldMasterKeys({
    store,
    masterKeys,
    isToldByNewest: () => world.isTold,
    remove: async (file) => {
      if (world.fails) throw new Error('disk')
      removed.push(file)
    },
    log: makeLog({ write: () => {} })
  })
  return { store, removed, world, old }
}

t.test('the newest master key is never deleted, and the others go when their attempts are over', async (t) => {
  const masterKeys = new MasterKeys([first, second, third])
  const { store, removed, world, old } = over(masterKeys)
  t.teardown(() => store.close())
  await store.commit({ enrolments: [joining('a')] })
  world.isTold = false
  await old.sweep()
  t.same(removed, [], 'an older key may be the one that reads what the cluster has')
  world.isTold = true
  await old.sweep()
  t.same(removed, [second.file])
  t.equal(masterKeys.of(undefined), first.key, 'a claim that is repeated gets its secret')
  const [open] = await store.enrolments(['joining'])
  await store.commit({ enrolments: [{ ...(open as EnrolmentDocument), state: 'failed' }] })
  world.fails = true
  await t.rejects(old.sweep(), { message: 'disk' })
  t.equal(masterKeys.of(undefined), first.key, 'a key whose file is there is not forgotten: a restart has it, too')
  world.fails = false
  await old.sweep()
  await old.sweep()
  t.same(removed, [second.file, first.file], 'each once')
  t.same(masterKeys.all, [third])
})

t.test('a server with one master key asks the store nothing', async (t) => {
  const masterKeys = new MasterKeys([first])
  const old = new OldMasterKeys({
    store: { enrolments: () => Promise.reject(new Error('asked')) },
    masterKeys,
    isToldByNewest: () => true,
    remove: () => Promise.reject(new Error('removed')),
    log: makeLog({ write: () => {} })
  })
  await old.sweep()
  t.same(masterKeys.all, [first])
})
