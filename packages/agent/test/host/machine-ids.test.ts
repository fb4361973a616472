import t from 'tap'
import { isSame, machineIds } from '../../src/host/machine-ids.ts'

const uuid = '/sys/class/dmi/id/product_uuid'
const failing = (code: string) => ({
  read: async (path: string) => {
    if (path === uuid) throw Object.assign(new Error(code), { code })
    return 'abc\n'
  }
})

t.test('a machine is known by what its disk and its firmware say', async (t) => {
  const texts: Record<string, string> = { '/etc/machine-id': 'abc\n', [uuid]: '5B2F\n' }
  t.same(await machineIds({ read: async (path) => texts[path] }), { machineId: 'abc', productUuid: '5B2F' })
})

t.test('an id that is missing, or that root may never read, is empty', async (t) => {
  t.same(await machineIds({ read: async () => undefined }), { machineId: '', productUuid: '' })
  t.same(await machineIds(failing('EACCES')), { machineId: 'abc', productUuid: '' })
})

t.test('an unreadable id makes no other machine', (t) => t.rejects(machineIds(failing('EIO')), { code: 'EIO' }))

t.test('one id that differs makes another machine', async (t) => {
  const ids = { machineId: 'a', productUuid: 'b' }
  t.ok(isSame(ids, { ...ids }))
  t.notOk(isSame(ids, { ...ids, machineId: 'c' }))
  t.notOk(isSame(ids, { ...ids, productUuid: '' }))
})
