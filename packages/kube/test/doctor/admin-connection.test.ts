import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { adminConnection } from '../../src/doctor/admin-connection.ts'

const program = () => {}
const kubeconfig = (name: string, server: string, current = '') =>
  stringify({
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: 'secret-of-somebody' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': current
  })

t.test('kubeconfigs are merged as kubectl merges them: the first value counts', async (t) => {
  const folder = t.testdir({
    names: kubeconfig('a', 'https://a:6443'),
    current: kubeconfig('b', 'https://b:6443', 'a'),
    other: kubeconfig('a', 'https://elsewhere:6443', 'b')
  })
  const at = (...names: string[]) =>
    adminConnection(
      names.map((name) => join(folder, name)),
      { program }
    ).server
  t.equal(at('names', 'current', 'other'), 'https://a:6443')
  t.equal(at('missing', 'current', 'names'), 'https://a:6443', 'one that is missing is passed over')
  t.equal(at('other', 'current', 'names'), 'https://b:6443')
  const files = ['names', 'current'].map((name) => join(folder, name))
  t.equal(adminConnection(files, { context: 'b', program }).server, 'https://b:6443', 'a context that is named')
  const message = /no context c with a cluster$/
  t.throws(() => adminConnection(files, { context: 'c', program }), { code: 'cluster-unavailable', message })
})

t.test('the error about a kubeconfig without a cluster shows no secret', async (t) => {
  const folder = t.testdir({ none: kubeconfig('a', 'https://a:6443'), broken: 'users: [secret-of-somebody' })
  const rows: [file: string, says: RegExp][] = [
    ['missing', /there is no kubeconfig .*missing$/],
    ['none', /no current context/],
    ['broken', /broken cannot be read, or is not a kubeconfig$/]
  ]
  for (const [file, message] of rows) {
    t.throws(() => adminConnection([join(folder, file)], { program }), { code: 'cluster-unavailable', message }, file)
  }
})

t.test('a program that logs in is told with its file, before anything is asked', async (t) => {
  const program = { command: '/bin/login', args: ['--as', 'me'], apiVersion: 'client.authentication.k8s.io/v1' }
  const rows: [user: object, told: string[]][] = [
    [{ exec: program }, ['/bin/login --as me']],
    [
      { 'auth-provider': { name: 'gcp', config: { 'cmd-path': '/bin/gcloud', 'cmd-args': 'print' } } },
      ['/bin/gcloud print']
    ],
    [{ 'auth-provider': { name: 'any', config: { exec: program } } }, ['/bin/login --as me']],
    [{ 'auth-provider': { name: 'oidc', config: { 'id-token': 'x' } } }, []],
    [{ token: 'x' }, []]
  ]
  for (const [user, told] of rows) {
    const folder = t.testdir({
      first: kubeconfig('a', 'https://a:6443', 'b'),
      second: stringify({
        clusters: [{ name: 'b', cluster: { server: 'https://b:6443' } }],
        users: [{ name: 'b', user }],
        contexts: [{ name: 'b', context: { cluster: 'b', user: 'b' } }]
      })
    })
    const heard: unknown[] = []
    const files = ['first', 'second'].map((name) => join(folder, name))
    adminConnection(files, { program: (one) => heard.push(one) })
    t.same(
      heard,
      told.map((command) => ({ command, file: join(folder, 'second') }))
    )
    adminConnection(files, { context: 'a', program: () => t.fail('the user of another context') })
  }
})
