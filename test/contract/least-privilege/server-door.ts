import { doorGroup, doorVersion } from '@joinery/kube/door'
import { serverUsername } from '@joinery/kube/names'
import { byPolicy, type Forbidden, mergePatch, unauthorized } from './forbidden.ts'

const apiVersion = `${doorGroup}/${doorVersion}`
const path = (rest: string): string => `/apis/${apiVersion}/${rest}`
const hash = 'ab'.repeat(32)

const decision = {
  apiVersion,
  kind: 'Decision',
  metadata: { generateName: 'own-' },
  spec: {
    enrolment: '00000000-0000-4000-8000-000000000001',
    role: 'worker',
    verdict: 'approve',
    key: `sha256:${'a'.repeat(64)}`,
    revision: 1,
    by: serverUsername
  }
}
const code = {
  apiVersion,
  kind: 'Code',
  metadata: { name: hash },
  spec: { hash, role: 'worker', expires: '9999-01-01T00:00:00Z', by: serverUsername }
}

/** It may ask by dry run whether the policies are there, and say what became of things. It decides nothing and invites nobody. */
export const serverDoor: Forbidden[] = [
  byPolicy('joinery-decisions')('decide', 'POST', path('decisions'), { body: decision }),
  byPolicy('joinery-codes')('invite', 'POST', path('codes'), { body: code }),
  byPolicy('joinery-codes')('invite as somebody else', 'POST', path('codes'), {
    body: { ...code, spec: { ...code.spec, by: 'alice' } }
  }),
  unauthorized('change a Decision', 'PATCH', path('decisions/any'), mergePatch({})),
  unauthorized('replace a Decision', 'PUT', path('decisions/any')),
  unauthorized('change a Code', 'PATCH', path(`codes/${hash}`), mergePatch({})),
  unauthorized('replace a Code', 'PUT', path(`codes/${hash}`)),
  unauthorized('delete all Codes at once', 'DELETE', path('codes')),
  unauthorized('read a CodeTemplate', 'GET', path('codetemplates/any')),
  unauthorized('make a CodeTemplate', 'POST', path('codetemplates'))
]
