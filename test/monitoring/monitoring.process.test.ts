import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { alertEvents } from '@joinery/protocol'
import { loadConfig } from '@joinery/server/testing/config'
import { metricTable } from '@joinery/server/testing/metrics'
import { eventually } from '@joinery/testing/clocks/eventually'
import { joined, ready } from '@joinery/testing/pairing/joined'
import { openPairing, type Pairing } from '@joinery/testing/pairing/pairing'
import { approved, claimToken, refusedWith } from '@joinery/testing/pairing/steps'
import { needs } from '@joinery/testing/processes/needs'
import t from 'tap'
import { parse } from 'yaml'
import { pageFile } from '../docs/page-files.ts'
import { readmeCommands } from '../readme-commands.ts'
import { readPanels } from './panels.ts'
import { startPrometheus } from './prometheus.ts'

// a Prometheus and a pairing server, on a machine that has more to do
t.setTimeout(120_000)

const folder = resolve(import.meta.dirname, '../../monitoring')
const skip = needs('promtool')
const page = readFileSync(join(folder, '../docs/how-to/monitoring.md'), 'utf8')

const rules = parse(readFileSync(join(folder, 'joinery.rules.yml'), 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[]
}
const alerts = rules.groups.flatMap((group) => group.rules)
const panels = readPanels(readFileSync(join(folder, 'joinery-dashboard.json'), 'utf8'))
const expressions = [...alerts.map(({ expr }) => expr), ...panels.map(({ expr }) => expr)]

const promtool = (words: string[], input?: string) => {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: folder, encoding: 'utf8', input })
  return { status, said: `${stdout}${stderr}` }
}

t.test('rules and dashboard ask for metrics that a scrape has, and for each of them', async (t) => {
  const names = new Set(expressions.flatMap((expr) => expr.match(/\b(joinery|process|nodejs)_\w+/g) ?? []))
  const asked = [...names].map((name) => name.replace(/_(bucket|count|sum)$/, ''))
  t.same([...new Set(asked)].sort(), Object.keys(metricTable).sort())
})

/** Alerts for which no rule asks by their name, and why. */
const withoutRule: Partial<Record<(typeof alertEvents)[number], string>> = {
  'give-up': 'JoineryMachineFailed says so, for as long as the machine is failed'
}

t.test('O4: each alert of the server is in one rule, or has a reason', async (t) => {
  const asked = alerts.flatMap(({ expr }) => {
    const [, events = ''] = /joinery_last_alert_timestamp_seconds\{[^}]*event=~?"([^"]+)"/.exec(expr) ?? []
    return events === '' ? [] : events.split('|')
  })
  t.same([...asked, ...Object.keys(withoutRule)].sort(), [...alertEvents, 'other'].sort())
})

t.test('each rule fires when it must, and all are silent if the server is well', { skip }, async (t) => {
  const { status, said } = promtool(['test', 'rules', 'joinery.rules.test.yml'])
  t.equal(status, 0, said)
  const { tests } = parse(readFileSync(join(folder, 'joinery.rules.test.yml'), 'utf8')) as {
    tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
  }
  const expected = tests.flatMap(({ alert_rule_test: cases }) => cases)
  const names = (which: typeof expected) => [...new Set(which.map(({ alertname }) => alertname))].sort()
  const all = alerts.map(({ alert }) => alert).sort()
  t.same(names(expected.filter(({ exp_alerts: found }) => found.length > 0)), all, 'each fires once')
  t.same(names(expected.filter(({ exp_alerts: found }) => found.length === 0)), all, 'each is silent once')
})

t.test('a real Prometheus scrapes by TLS and token, and every expression has data', { skip }, async (t) => {
  const place = await mkdtemp(join(tmpdir(), 'joinery-prometheus-'))
  t.teardown(() => rm(place, { recursive: true }))
  const tokenFile = join(place, 'token')
  await writeFile(tokenFile, randomBytes(32).toString('hex'))
  const pairing = await openPairing(t, { metrics: { listen: '127.0.0.1:0', tokenFile } })
  // the configuration of the page, with the files and the address of this test
  const config = `${pageFile(page, 'prometheus.yml')}${pageFile(page, 'prometheus.yml with rules')}`
    .replace('/etc/prometheus/joinery-ca.crt', join(pairing.config.state, 'ca.crt'))
    .replace('/etc/prometheus/joinery-token', tokenFile)
    .replace('/etc/prometheus/joinery.rules.yml', join(folder, 'joinery.rules.yml'))
    .replace('192.0.2.10:9744', `127.0.0.1:${pairing.metricsPort}`)
  const prometheus = await startPrometheus(place, `global: { scrape_interval: 1s, evaluation_interval: 1s }\n${config}`)
  t.teardown(() => prometheus.stop())
  const has = (expression: string) =>
    eventually(expression, async () => ((await prometheus.query(expression)).length > 0 ? true : undefined))

  await has('up{job="joinery"} == 1')
  await visit(pairing, 'first')
  await has('sum(joinery_join_duration_seconds_count) == 1 and on() sum(joinery_alerts_total) == 1')
  await visit(pairing, 'second')
  await has('sum(joinery_join_duration_seconds_count) == 2 and on() sum(joinery_alerts_total) == 2')
  await has('joinery_nodes_not_ready > 0')

  for (const { title, expr } of panels) {
    // after a scrape that took too long there is nothing to show until the next one
    const shows = async () => (await prometheus.query(expr)).some(({ value }) => !Number.isNaN(value)) || undefined
    t.ok(await eventually(`${title}: ${expr}`, shows), title)
  }
  const { groups } = (await prometheus.get('rules')) as { groups: { rules: { name: string; health: string }[] }[] }
  const health = groups.flatMap((group) => group.rules.map(({ name, health }) => `${name} ${health}`))
  t.same(health.sort(), alerts.map(({ alert }) => `${alert} ok`).sort(), 'Prometheus evaluates each rule')

  const [look = ''] = readmeCommands(page, 'look')
  const scraped = await run(look.replace('/run/joinery/operator.sock', pairing.config.operators.socket))
  const { status, said } = promtool(['check', 'metrics'], scraped)
  t.equal(status, 0, said)
})

t.test('the commands and settings of the page are as the server takes them', { skip: needs('openssl') }, async (t) => {
  const place = t.testdir({})
  const here = (text: string) => text.replaceAll('/etc/joinery', place)
  for (const command of readmeCommands(page, 'token')) {
    // the server's user is there only where the package is installed
    await run(here(command).replace('--owner joinery', ''))
  }
  t.match(readFileSync(join(place, 'metrics-token'), 'utf8'), /^[0-9a-f]{64}\n$/)
  const agents = 'agents: {address: "https://192.0.2.10:7443"}\n'
  for (const name of ['server.yaml', 'server.yaml with certificates']) {
    const file = join(place, 'server.yaml')
    await writeFile(file, `${agents}${here(pageFile(page, name))}`)
    t.match(await loadConfig(file), { metrics: { listen: '192.0.2.10:9744' } }, name)
  }
})

/** Machines that become ready, are not Ready, and fail; one with a newer agent, and a thief with its code. */
const visit = async (pairing: Pairing, round: string): Promise<void> => {
  const one = await approved(pairing, `${round}-fails`)
  const { attempt } = await claimToken(one)
  for (const stage of [
    '[preflight] Running pre-flight checks',
    '[kubelet-start] Starting the kubelet',
    '[etcd] Other'
  ]) {
    await one.server.progress({ attempt, stage })
  }
  await one.server.outcome({ outcome: 'failed', attempt, class: 'machine', stage: '', output: ['no space left'] })
  const { machine } = await ready(pairing, `${round}-ready`)
  const polling = machine.server.wait(0, 1, new AbortController().signal)
  await polling
  await joined(pairing, `${round}-dark`)
  await pairing.cluster.setNodeReady(`${round}-dark`, 'False', 'KubeletNotReady', 'cni plugin not initialized')
  await pairing.look()
  await pairing.diagnose()
  const { code } = await pairing.code(`${round}-stolen`)
  const newer = await pairing.machine()
  Object.assign(newer.facts, { later: 'a field of a later version' })
  await newer.enrol(code)
  await refusedWith((await pairing.machine()).enrol(code))
}

/** What a command of the page prints. Throws if it fails. */
const run = async (command: string): Promise<string> => (await promisify(execFile)('sh', ['-c', command])).stdout
