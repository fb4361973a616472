import type { Cause } from '@joinery/protocol'
import t from 'tap'
import { firstCause, firstLook, isLookDue, mustReport, noLooks } from '../../src/plan/why-looks.ts'

const cause = (changes: Partial<Cause> = {}): Cause => ({
  code: 'runtime-off',
  from: 'machine',
  text: 'containerd does not run',
  evidence: ['10:00:00 a line'],
  remedy: ['systemctl start containerd'],
  ...changes
})

t.test('the first look is due 15 seconds after the wait began, and never beside another one', async (t) => {
  const looks = noLooks(1000)
  t.notOk(isLookDue(looks, 1000))
  t.notOk(isLookDue(looks, 1000 + firstLook - 1))
  t.ok(isLookDue(looks, 1000 + firstLook))
  t.notOk(isLookDue({ ...looks, runs: true }, 1000 + firstLook))
})

t.test('the server is told only what changed', async (t) => {
  const looks = noLooks(0)
  t.ok(mustReport(looks, []), 'the first look, even if it found nothing: an agent before may have told something')
  t.notOk(mustReport({ ...looks, reported: [] }, []))
  t.ok(mustReport({ ...looks, reported: [] }, [cause()]))
  t.notOk(mustReport({ ...looks, reported: [cause()] }, [cause({ evidence: ['10:00:15 a line'], remedy: [] })]))
  t.ok(mustReport({ ...looks, reported: [cause()] }, [cause({ text: 'containerd is masked' })]))
  t.ok(mustReport({ ...looks, reported: [cause()] }, [cause({ code: 'disk-full' })]))
  t.ok(mustReport({ ...looks, reported: [cause(), cause({ code: 'cni-missing' })] }, [cause()]))
  t.ok(mustReport({ ...looks, reported: [cause()] }, []), 'also that it is over')
})

t.test('a server that takes no causes is told none', async (t) => {
  t.notOk(mustReport({ ...noLooks(0), untold: true }, [cause()]))
})

t.test('the first cause is for the line of status, unless the kubelet says it already', async (t) => {
  t.equal(firstCause(noLooks(0)), undefined)
  t.equal(firstCause({ ...noLooks(0), found: [] }), undefined)
  t.equal(firstCause({ ...noLooks(0), found: [cause(), cause({ code: 'cni-missing' })] }), 'containerd does not run')
  t.equal(firstCause({ ...noLooks(0), found: [cause({ code: 'kubelet-says' })] }), undefined)
})
