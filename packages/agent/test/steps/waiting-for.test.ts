import type { Check } from '@joinery/protocol'
import t from 'tap'
import { waitingFor } from '../../src/steps/enrolment.ts'

const check = (name: string, verdict: Check['verdict']): Check => ({ name, verdict, finding: '' })

t.test('the reason for waiting names the checks that fail on the machine', async (t) => {
  const reason = 'waiting for approval'
  const table: [Check[], string][] = [
    [[], reason],
    [[check('swap', 'pass'), check('mtu', 'warn'), check('firewall', 'skipped')], reason],
    [[check('swap', 'fail'), check('mtu', 'warn')], `${reason}; swap fails: see joinery-agent preflight`],
    [[check('swap', 'fail'), check('firewall', 'fail')], `${reason}; swap, firewall fail: see joinery-agent preflight`]
  ]
  const told = 'waiting for approval; preflight fails: swap'
  t.equal(waitingFor(told, [check('swap', 'fail')]), `${told}; see joinery-agent preflight`, 'once')
  const pulled = "; pulled 2 of 5 images that this cluster's nodes run"
  t.equal(waitingFor(reason, [], { here: 2, of: 5, left: 0 }), `${reason}${pulled}`)
  t.equal(
    waitingFor(told, [check('swap', 'fail')], { here: 2, of: 5, left: 0 }),
    `${told}; see joinery-agent preflight${pulled}`
  )
  t.equal(waitingFor(reason, [], { here: 2, of: 5, left: 3 }), `${reason}${pulled}, 3 left to the kubelet`)
  for (const [checks, says] of table) t.equal(waitingFor(reason, checks), says, JSON.stringify(checks))
})
