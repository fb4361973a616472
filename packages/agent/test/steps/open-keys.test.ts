import t from 'tap'
import { joinAt } from '../../src/steps/open-keys.ts'

const controlPlanes = ['192.0.2.1:6443', '192.0.2.9:6443']

t.test('A4: data of etcd that was there before a join is not of that join, so nothing takes it away', async (t) => {
  t.same(joinAt('192.0.2.9', { etcd: 'stacked', controlPlanes }, true), {
    address: '192.0.2.9',
    etcdHosts: ['192.0.2.1']
  })
  t.same(joinAt('192.0.2.9', { etcd: 'stacked', controlPlanes }, false), {
    address: '192.0.2.9',
    etcdHosts: ['192.0.2.1'],
    ownEtcdData: true
  })
  t.same(joinAt('192.0.2.9', { etcd: 'external', controlPlanes }, true), { address: '192.0.2.9' })
  t.same(joinAt('192.0.2.9', undefined, true), { address: '192.0.2.9', etcdHosts: [] })
})
