import { resolve } from 'node:path'
import type { Test } from 'tap'
import type { Bed } from '../bed/bed.ts'
import { waitFor } from '../bed/wait-for.ts'
import { openLogSite } from '../log-site.ts'
import { restoreEtcd } from '../restore-etcd.ts'

const hash = 'a'.repeat(64)
const head = { format: 1, log: 'm', number: 0, hash, term: 2, holder: 'a', documents: hash, batches: [], mac: hash }
const headOf = (number: number) => ({ ...head, number, hash: String(number).padStart(64, '0') })
const caller = resolve(import.meta.dirname, '../inside/log-calls.ts')

/** The log's objects by the server's own client, and an etcd that is put back under it. */
export const noticesRestoredEtcd = async (t: Test, bed: Bed): Promise<void> => {
  const serverFile = await openLogSite(bed)
  /** Calls of the server's own client, one after the other. */
  const calls = async (...asked: [name: string, ...given: unknown[]][]): Promise<unknown[]> => {
    const { code, stdout, stderr } = await bed.exec([process.execPath, caller, serverFile, JSON.stringify(asked)])
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  const move = (number: number): [string, ...unknown[]] => ['moveHead', headOf(number - 1).hash, headOf(number)]

  t.test('an etcd that was put back under a server is noticed at the first commit', async (t) => {
    await waitFor(
      'its definitions to be served',
      () => calls(['head']),
      () => true,
      60_000
    )
    t.same(await calls(['makeHead', headOf(10)]), ['made'])
    const etcd = restoreEtcd(bed)
    await etcd.copy()
    t.same(await calls(move(11), move(12), move(13)), ['moved', 'moved', 'moved'])
    await etcd.putBack()
    const looked = () => calls(['head']).catch(() => undefined)
    const seen = await waitFor('the API server to be back', looked, (one) => one !== undefined, 60_000)
    t.match(seen, [{ number: 10 }])
    t.same(await calls(move(14)), ['other'])
    t.match(await calls(['head']), [{ number: 10 }], 'and nothing was written')
  })
}
