import { randomUUID } from 'node:crypto'
import { pageSize } from '@joinery/kube'
import type { EnrolmentView } from '@joinery/protocol/door'
import { sideBySide } from '@joinery/server/testing/base'
import { hashOf, type ShownView, type Views } from '@joinery/server/testing/kubernetes-door'
import { eventually } from '@joinery/testing/clocks/eventually'
import type { Test } from 'tap'

/** A view that the API server takes. */
export const aView = (more: Partial<EnrolmentView> = {}): EnrolmentView => ({
  state: 'pending',
  message: 'waiting for approval',
  name: 'worker-1',
  role: 'worker',
  revision: 1,
  key: `sha256:${'ab'.repeat(32)}`,
  keyShort: 'abab-abab-abab-abab-abab',
  address: '192.0.2.1',
  code: 'contract',
  credential: 'token',
  created: '2026-01-01T00:00:00.000Z',
  since: '2026-01-01T00:00:00.000Z',
  machine: { os: 'Debian GNU/Linux 13', arch: 'x86_64', cpus: 2, memory: 2 ** 41, serial: '', kubelet: 'v1.37.2' },
  preflight: { fail: [], warn: ['clock'] },
  conflicts: 0,
  taints: [{ key: 'dedicated', value: '', effect: 'NoSchedule' }],
  ...more
})

/**
 * The contract of the port `Views`, for every implementation, the real cluster included. Where the rehearsal differs from the real
 * one, the rehearsal is wrong. Leaves nothing behind in the cluster.
 */
export const viewsContract = (t: Test, name: string, open: () => Promise<{ views: Views }>): Promise<unknown> =>
  t.test(`views: ${name}`, async (t) => {
    const { views } = await open()
    const kind = 'enrolments'
    const fresh = (): string => {
      const id = randomUUID()
      t.teardown(() => views.remove(kind, id))
      return id
    }
    const made = async (id: string, status: object): Promise<string> => {
      const result = await views.put(kind, id, status, undefined)
      if (!('version' in result)) throw new Error(JSON.stringify(result))
      return result.version
    }
    const all = async (): Promise<ShownView[]> => {
      const items: ShownView[] = []
      let next: string | undefined
      do {
        const page = await views.page(kind, next)
        items.push(...(page?.items ?? []))
        next = page?.next
      } while (next !== undefined)
      return items
    }

    await t.test('an object is shown as it was written, whatever the order of its fields', async (t) => {
      const [id, status] = [fresh(), aView()]
      const version = await made(id, status)
      t.same(await views.read(kind, id), { name: id, version, generation: 1, hash: hashOf(status) })
      t.same(
        (await all()).filter(({ name }) => name === id),
        [{ name: id, version, generation: 1, hash: hashOf(status) }]
      )
    })

    await t.test('a write counts only over the version that was seen', async (t) => {
      const id = fresh()
      const first = await made(id, aView())
      const second = await views.put(kind, id, aView({ state: 'approved' }), first)
      t.ok('version' in second && Number(second.version) > Number(first))
      t.same(await views.put(kind, id, aView({ state: 'rejected' }), first), { conflict: true })
      t.same(await views.put(kind, id, aView({ state: 'rejected' }), undefined), { conflict: true })
      t.equal((await views.read(kind, id))?.hash, hashOf(aView({ state: 'approved' })))
      await views.remove(kind, id)
      t.same(await views.put(kind, id, aView(), 'version' in second ? second.version : ''), { conflict: true })
      t.equal(await views.read(kind, id), undefined)
    })

    await t.test('what is gone already can be removed', async () => {
      const id = fresh()
      await views.remove(kind, id)
      await made(id, aView())
      await views.remove(kind, id)
      await views.remove(kind, id)
    })

    await t.test('what the schema does not allow is refused, with a reason', async (t) => {
      const refusals: object[] = [
        aView({ message: '\u001b[31m' }),
        aView({ message: '\u202e' }),
        aView({ message: 'x'.repeat(257) }),
        aView({ key: 'sha256:short' }),
        { ...aView(), state: 'odd' }
      ]
      for (const status of refusals) {
        const result = await views.put(kind, fresh(), status, undefined)
        t.ok('refused' in result && result.refused !== '', JSON.stringify(result))
      }
      const other = await views.put('installations', 'another', {}, undefined)
      t.ok('refused' in other, JSON.stringify(other))
    })

    await t.test('a long list comes in pages, each object once', async (t) => {
      const ids = Array.from({ length: pageSize + 10 }, () => randomUUID())
      t.teardown(() => sideBySide(ids, 8, (id) => views.remove(kind, id)))
      await sideBySide(ids, 8, async (id) => void (await made(id, aView())))
      const first = await views.page(kind)
      t.equal(first?.items.length, pageSize)
      t.ok(first?.next)
      const names = (await all()).map(({ name }) => name)
      t.equal(new Set(names).size, names.length)
      for (const id of ids) if (!names.includes(id)) t.fail(`${id} is missing`)
    })

    await t.test(
      'the watch tells of what is made, changed and deleted, after it has said that it begins',
      async (t) => {
        const id = fresh()
        const seen: ShownView[] = []
        const stop = new AbortController()
        t.teardown(() => stop.abort())
        await new Promise<void>((resolve) => {
          views.watch(
            kind,
            (view) => {
              if (view.name === id) seen.push(view)
            },
            resolve,
            stop.signal
          )
          // the port's own pauses keep no process alive
          const alive = setInterval(() => {}, 60_000)
          t.teardown(() => clearInterval(alive))
        })
        const version = await made(id, aView())
        await views.put(kind, id, aView({ state: 'approved' }), version)
        await views.remove(kind, id)
        await eventually('four events', async () => seen.length === 4)
        t.same(
          seen.map(({ hash }) => hash),
          [hashOf(undefined), hashOf(aView()), hashOf(aView({ state: 'approved' })), undefined]
        )
        t.same(
          seen.slice(0, 3).map(({ generation }) => generation),
          [1, 1, 1],
          'a write of the status makes no generation'
        )
        const versions = seen.map((one) => Number(one.version))
        t.same(
          versions,
          [...versions].sort((one, other) => one - other)
        )
        t.equal(new Set(versions).size, 4)
      }
    )
  })
