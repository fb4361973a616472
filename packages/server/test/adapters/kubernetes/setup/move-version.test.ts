import { apply } from '@joinery/kube'
import { definitions, resources } from '@joinery/kube/door'
import { manifests } from '@joinery/kube/manifests'
import t, { type Test } from 'tap'
import { moveObjects, untilMoved } from '../../../../src/adapters/kubernetes/setup/move-version.ts'
import { type Fault, type VersionedApi, versionedApi } from './versioned-api.ts'

// it makes thousands of requests
t.setTimeout(120_000)

const paths = [
  'enrolments/a',
  'enrolments/b',
  'decisions/a',
  'codes/a',
  'codetemplates/a',
  'installations/joinery'
] as const
const byNewServer = { status: { conditions: [] } }

/** A cluster that a version of before set up, with objects. The server has been upgraded, unless `server` says otherwise. */
const opened = async (t: Test, server: object = byNewServer): Promise<VersionedApi> => {
  const api = await versionedApi(t)
  fill(api, server)
  return api
}

const fill = (api: VersionedApi, server: object = byNewServer): void => {
  for (const path of paths) api.make(path, path.startsWith('installations') ? server : {})
}

const wanted = manifests({ credential: 'token', kubeProxy: true }).filter(({ metadata }) =>
  definitions.some((one) => one.metadata.name === metadata.name)
)

/** What setup does with the kinds of the door. Returns what it printed. */
const setUp = async (api: VersionedApi, slept: number[] = []): Promise<string[]> => {
  const [admin, server] = [api.connection('admin'), api.connection('server')]
  const said: string[] = []
  for (const one of await untilMoved(admin, wanted)) await apply(admin, one)
  await moveObjects({
    admin,
    server,
    manifests: wanted,
    sleep: async (ms) => void slept.push(ms),
    print: (line) => void said.push(line)
  })
  return said
}

const isMoved = (t: Test, api: VersionedApi, what: string): void => {
  t.same(api.lost(), [], `${what}: every object can be read`)
  for (const path of paths) t.match(api.read(path), { as: 'v1beta1' }, `${what}: ${path}`)
  for (const plural of resources) {
    const { metadata, spec, status } = api.definition(plural)
    t.match(metadata.labels, { 'app.kubernetes.io/name': 'joinery' }, `${what}: ${plural}`)
    t.same(
      [spec.versions.map(({ name }) => name), status.storedVersions],
      [['v1beta1'], ['v1beta1']],
      `${what}: ${plural}`
    )
  }
}

t.test('setup writes each object again, the views as the server, and then ends the version of before', async (t) => {
  const api = await opened(t)
  const slept: number[] = []
  const said = await setUp(api, slept)
  isMoved(t, api, 'setup')
  t.same(
    paths.map((path) => api.read(path)?.by),
    ['server', 'server', 'admin', 'admin', 'admin', 'server']
  )
  t.same(slept, [10_000], 'until every API server knows which version to store')
  t.match(said, [
    /enrolments.joinery.dev stored as v1beta1: 2 objects written again$/,
    ...Array(4).fill(/1 objects? written/),
    /v1alpha1 ended/
  ])
  const { length } = api.writes
  t.same(await setUp(api, slept), [], 'the next setup has nothing to do')
  t.same(new Set(api.writes.slice(length).map((line) => line.split(' ')[0])), new Set(['PATCH']), 'but to apply')
  t.equal(slept.length, 1)
})

t.test('a cluster that is new has nothing to move', async (t) => {
  const api = await versionedApi(t, true)
  for (const path of paths) api.make(path)
  t.same(await setUp(api), [])
  isMoved(t, api, 'setup')
})

for (const [fault, words] of [
  ['before', 'before the write'],
  ['after', 'after the write'],
  ['late', 'and the write is carried out after the next setup']
] as const satisfies [Fault, string][]) {
  t.test(
    `setup may be cut at each write, ${words}: the next one brings it to its end, and nothing is lost`,
    async (t) => {
      const api = await versionedApi(t)
      for (let cut = 1; ; cut += 1) {
        api.begin()
        fill(api)
        let count = 0
        let line = ''
        api.onWrite((written) => {
          count += 1
          // each write finds all objects in a version that the API server knows
          t.same(api.lost(), [])
          if (count !== cut) return undefined
          line = written
          return fault
        })
        const end = await setUp(api).then(
          () => 'done',
          () => 'cut'
        )
        if (line === '') {
          t.equal(end, 'done')
          t.ok(cut > 20, `${cut - 1} writes`)
          break
        }
        t.equal(end, 'cut', line)
        await setUp(api)
        isMoved(t, api, line)
        if (fault !== 'late') continue
        api.arrive()
        t.same(api.lost(), [], `late: ${line}`)
        await setUp(api)
        isMoved(t, api, `late: ${line}`)
      }
    }
  )
}

t.test('two setups at once end as one', async (t) => {
  const api = await opened(t)
  api.onWrite(() => {
    t.same(api.lost(), [])
    return undefined
  })
  await Promise.all([setUp(api), setUp(api)])
  await setUp(api)
  isMoved(t, api, 'both')
})

t.test(
  'while the active server is one of before, its version is served; the setup after its upgrade ends it',
  async (t) => {
    const api = await opened(t, { status: {} })
    const slept: number[] = []
    t.match(
      (await setUp(api, slept)).at(-1),
      /v1alpha1 is still served, .*: when the last one is upgraded, run joinery-server setup again$/
    )
    t.ok(slept.length > 20, 'a server that has just been upgraded gets a minute')
    for (const path of paths) t.match(api.read(path), { as: 'v1beta1' }, path)
    for (const plural of resources) {
      const { spec, status } = api.definition(plural)
      t.match(spec.versions, [
        { name: 'v1beta1', storage: true },
        { name: 'v1alpha1', served: true, storage: false }
      ])
      t.same(status.storedVersions, ['v1beta1'])
    }
    api.make('installations/joinery', byNewServer)
    t.match(await setUp(api), [/v1alpha1 ended/])
    isMoved(t, api, 'setup')
  }
)

t.test('an object that changes or goes meanwhile holds nothing up', async (t) => {
  const api = await opened(t)
  let changes = 0
  api.onWrite((line) => {
    if (line === 'PUT decisions/a' && changes < 2) {
      changes += 1
      api.make('decisions/a')
    }
    if (line === 'PUT enrolments/a') api.remove('enrolments/a')
    return undefined
  })
  await setUp(api)
  t.equal(changes, 2)
  t.match(api.read('decisions/a'), { as: 'v1beta1' })
  t.notOk(api.read('enrolments/a'))
  t.same(api.definition('enrolments').status.storedVersions, ['v1beta1'])
})

t.test('if a definition changes while objects are written, they are written again before it is noted', async (t) => {
  const api = await opened(t)
  let changed = false
  api.onWrite((line) => {
    if (line === 'PUT codes/a' && !changed) {
      changed = true
      const { metadata } = api.definition('codes')
      metadata.resourceVersion = `${metadata.resourceVersion}0`
    }
    return undefined
  })
  await setUp(api)
  isMoved(t, api, 'setup')
  t.equal(api.writes.filter((line) => line === 'PUT codes/a').length, 2)
})

t.test(
  'an object that the API server does not take is named, with what to do, and the version of before stays',
  async (t) => {
    const api = await opened(t)
    api.make('decisions/a', { metadata: { name: 'a', labels: {} } })
    await t.rejects(setUp(api), {
      message: /decisions.joinery.dev a cannot be stored as v1beta1: .*at most 16 labels/,
      remedy: /^kubectl delete decisions.joinery.dev a; then again: joinery-server setup$/
    })
    t.same(api.lost(), [])
    t.ok(api.definition('decisions').status.storedVersions.includes('v1alpha1'))
    api.remove('decisions/a')
    await setUp(api)
    t.same(api.definition('decisions').status.storedVersions, ['v1beta1'])
  }
)

t.test('an API server that has not heard of the version is not taken for one where the object is gone', async (t) => {
  const api = await opened(t)
  api.onWrite((line) => (line === 'PUT codes/a' ? 'unheard' : undefined))
  await t.rejects(setUp(api), { message: /404/ })
  t.match(api.read('codes/a'), { as: 'v1alpha1' })
  t.ok(api.definition('codes').status.storedVersions.includes('v1alpha1'), 'it is not noted as moved')
  t.same(api.lost(), [])
})
