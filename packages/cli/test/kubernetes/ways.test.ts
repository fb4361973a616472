import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { connect } from '@joinery/kube'
import t from 'tap'
import { stringify } from 'yaml'
import { waysTo } from '../../src/kubernetes/pin/ways.ts'

const ca = Buffer.from('a CA').toString('base64')

/** The ways of a kubeconfig whose cluster has these fields. */
const ways = (cluster: object, files = ['/a/admin.conf'], context = 'prod') =>
  waysTo(
    connect(
      stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443', ...cluster } }],
        contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
        users: [{ name: 'u', user: {} }],
        'current-context': context
      })
    ),
    files
  )

t.test('a way is a context of its files, and the CA of the API server wherever it lies', async (t) => {
  const [context, authority] = ways({ 'certificate-authority-data': ca })
  const file = join(t.testdir({}), 'ca.crt')
  writeFileSync(file, 'a CA')
  t.same(ways({ 'certificate-authority': file }), [context, authority])
  t.same(ways({}), [context], "a CA of the system is everybody's")
  t.not(ways({}, ['/b/admin.conf'])[0], context)
  t.not(ways({}, ['/a/admin.conf'], 'test')[0], context)
  t.same(ways({}, [relative(process.cwd(), '/a/admin.conf')]), [context], 'a relative path is that of one folder')
  t.not(ways({ 'certificate-authority-data': Buffer.from('another').toString('base64') })[1], authority)
})
