import { commandGroup, workerGroup } from '@joinery/kube/names'
import t from 'tap'
import { tokenSecret } from '../../../src/adapters/kubernetes/tokens.ts'

t.test('a token is a Secret as the admission policy allows it', async (t) => {
  const secret = tokenSecret({
    id: 'abc123',
    secret: '0123456789abcdef',
    group: workerGroup,
    expires: new Date('2026-11-25T12:10:00.987Z'),
    description: 'enrolment 1'
  })
  t.strictSame(secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bootstrap-token-abc123', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': 'abc123',
      'token-secret': '0123456789abcdef',
      expiration: '2026-11-25T12:10:00Z',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': workerGroup,
      description: 'enrolment 1'
    }
  })
})

t.test('a token signs only if that is asked for', async (t) => {
  const token = { id: 'abc123', secret: 'x', group: commandGroup, expires: new Date(0), description: '' }
  t.equal(tokenSecret({ ...token, signing: true }).stringData['usage-bootstrap-signing'], 'true')
  for (const other of [token, { ...token, signing: false }])
    t.notOk('usage-bootstrap-signing' in tokenSecret(other).stringData, JSON.stringify(other))
})
