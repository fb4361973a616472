import { writeFile } from 'node:fs/promises'
import { request as requestByTls } from 'node:https'
import { join } from 'node:path'
import { metricTable } from '@joinery/server/testing/metrics'
import { openWithCode } from '@joinery/testing/agents/agents'
import { approvePending, assertJoined } from '@joinery/testing/agents/outcomes'
import { openPairing } from '@joinery/testing/pairing/pairing'
import { scrape } from '@joinery/testing/pairing/scrape'
import { refusedWith } from '@joinery/testing/pairing/steps'
import t from 'tap'

/** The values of a scrape that are not zero, by metric with its labels. */
const values = (text: string): Map<string, number> =>
  new Map(
    [...text.matchAll(/^(\w+(?:\{[^}]*\})?) (\S+)$/gm)]
      .map(([, name = '', value]) => [name, Number(value)] as const)
      .filter(([, value]) => value !== 0)
  )

t.test('after a real join a scrape has each metric, says what happened, and names nobody', async (t) => {
  const pairing = await openPairing(t)
  const open = await openWithCode(t, pairing)
  const agent = open.start()
  const { key, facts, address } = await approvePending(pairing, open)
  t.equal(await agent.ended, 'done')
  await assertJoined(t, pairing, open)
  const { code, id } = await pairing.code('stolen')
  await (await pairing.machine()).enrol(code)
  t.equal(await refusedWith((await pairing.machine()).enrol(code)), 'code-not-accepted')

  const text = await scrape(pairing)
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  t.same(names.sort(), Object.keys(metricTable).sort(), 'each metric of the table, and no other')

  const said = values(text)
  const has = (name: string, value: number) => t.equal(said.get(name), value, name)
  has('joinery_enrolments{state="ready"}', 1)
  has('joinery_enrolments{state="frozen"}', 1)
  has('joinery_store_rows{table="codes"}', 2)
  has('joinery_nodes{ready="True"}', 1)
  has('joinery_agent_outcomes_total{outcome="ready",version="dev"}', 1)
  has('joinery_csr_decisions_total{signer="kubelet-client",verdict="approved"}', 1)
  has('joinery_operator_decisions_total{verb="approve"}', 1)
  has('joinery_operator_decisions_total{verb="create"}', 2)
  has('joinery_alerts_total{event="conflict"}', 1)
  has('joinery_refusals_total{problem="code-not-accepted"}', 1)
  has('joinery_join_duration_seconds_count{role="worker"}', 1)
  for (const wait of ['enrol', 'approve', 'claim'])
    t.ok(said.has(`joinery_wait_duration_seconds_count{wait="${wait}",role="worker"}`), wait)
  // how many of the later stages an agent sees depends on how fast kubeadm is
  for (const stage of ['start', 'register', 'ready'])
    t.ok(said.has(`joinery_stage_duration_seconds_count{stage="${stage}",role="worker"}`), stage)
  t.same(
    [...said.keys()].filter((name) => name.includes('"other"')),
    [],
    'nothing that the table does not know'
  )
  const secrets = [code, code.slice(4), id, key, key.slice(-16), 'worker-1', 'stolen', address, ...facts.addresses]
  for (const secret of [...secrets, facts.machineId, facts.hostname]) t.notOk(text.includes(secret), secret)

  const before = values(text)
  await pairing.restart()
  const after = values(await scrape(pairing))
  t.equal(after.get('joinery_enrolments{state="ready"}'), 1, 'a gauge is what is')
  t.notOk(after.has('joinery_join_duration_seconds_count{role="worker"}'), 'a histogram begins anew')
  t.ok(before.has('joinery_join_duration_seconds_count{role="worker"}'))
})

t.test('over the network there is nothing until the settings say so', async (t) => {
  const pairing = await openPairing(t)
  t.equal(pairing.metricsPort, undefined)
})

t.test('over the network a scrape is the same one, and two in a second cost one', async (t) => {
  const token = 'a'.repeat(64)
  const tokenFile = join(t.testdir({ token }), 'token')
  const pairing = await openPairing(t, { metrics: { listen: '127.0.0.1:0', tokenFile } })
  const ask = (authorization: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: pairing.metricsPort, path: '/metrics', headers: { authorization } }
      // whose certificate it is, the test of the listener asks
      requestByTls({ ...options, rejectUnauthorized: false, agent: false }, async (answer) =>
        resolve((await answer.setEncoding('utf8').toArray()).join(''))
      )
        .on('error', reject)
        .end()
    })
  const first = await ask(`Bearer ${token}`)
  t.match(first, 'joinery_build_info')
  t.equal(await ask('Bearer wrong'), '')
  t.equal(await ask(`Bearer ${token}`), first)
  t.equal(values(await scrape(pairing)).get('joinery_metrics_requests_total{status="401"}'), 1)
  await writeFile(tokenFile, 'b'.repeat(64))
  pairing.clock.advance(10_001)
  t.equal(await ask(`Bearer ${token}`), '', 'a token that was taken away')
  t.notMatch(pairing.log, token)
})
