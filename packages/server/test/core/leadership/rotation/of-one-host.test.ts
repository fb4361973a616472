import t from 'tap'
import { requireOneHost } from '../../../../src/core/leadership/rotation/of-one-host.ts'

t.test('the keys of several servers are not rotated on one host alone', async (t) => {
  t.throws(() => requireOneHost({ store: 'cluster' }), { message: /all servers have the same keys/ })
  t.doesNotThrow(() => requireOneHost({ store: 'file' }))
  t.doesNotThrow(() => requireOneHost({}))
})
